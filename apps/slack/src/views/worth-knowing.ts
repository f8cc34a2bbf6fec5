/** Owns what is worth knowing before one decides: first time, how often, what is live already, at what hour. Facts, no advice. */
import { type HistoryFacts, historyFacts, personById, type RequestState } from '@sallyport/core';
import { personName, principalName, what } from './names.ts';
import type { Drawn } from './phase.ts';
import type { Sentence } from './sentence.ts';
import { localTime, unusual } from './usual-hours.ts';

const OVERLAPS_SHOWN_MAX = 3;

/** One sentence for each fact; none where the history was not read. */
export function worthKnowing(drawn: Drawn): readonly Sentence[] {
  const { history, at } = drawn;
  if (history === undefined) return [];
  const facts = historyFacts(history, drawn.case.request.openedAt, at.now);
  return [...overlapping(drawn, facts), howOften(drawn, facts), ...hours(drawn)];
}

function howOften({ case: { request }, at: { policy } }: Drawn, facts: HistoryFacts): Sentence {
  const whom = principalName(policy, request.subject);
  if (facts.last === undefined) return [`First request for this resource for ${whom}.`];
  const { count, orMore } = facts.recently;
  const said: Sentence = [`The last one, `, { at: facts.last.at }, `, ${ENDED[facts.last.state]}.`];
  if (count === 0) return [`No request for this resource for ${whom} in the 30 days before. `, ...said];
  const often = `${count}${orMore ? ' or more' : ''} earlier request${count === 1 && !orMore ? '' : 's'}`;
  return [`${often} for this resource for ${whom} in 30 days. `, ...said];
}

const ENDED: Readonly<Record<RequestState, string>> = {
  pending: 'is still pending',
  approved: 'was approved',
  denied: 'was denied',
  canceled: 'was canceled',
  expired: 'expired',
};

/** Access that stands already: what is asked comes on top of it. */
function overlapping({ at: { policy }, case: { request } }: Drawn, { overlapping: live }: HistoryFacts) {
  return live.slice(0, OVERLAPS_SHOWN_MAX).flatMap(({ request: { access }, grant }): Sentence[] => {
    if (grant === undefined) return [];
    const whom = principalName(policy, request.subject);
    return [[`${whom} already has ${what(policy, access)} until `, { at: grant.expiresAt }, '.']];
  });
}

/** Only of people whose clock is known: a guess would be worse than nothing. */
function hours({ case: { request }, at: { policy }, history }: Drawn): readonly Sentence[] {
  if (request.requester.kind !== 'person' || history === undefined) return [];
  const zone = personById(policy, request.requester.id)?.timeZone;
  if (zone === undefined) return [];
  const why = unusual(request.openedAt, history.askedAt, zone);
  if (why === undefined) return [];
  const { day, clock } = localTime(request.openedAt, zone);
  const than = why === 'habit' ? 'not an hour at which they usually ask' : 'outside working hours';
  return [
    [`Asked on ${day} at ${clock} on the clock of ${personName(policy, request.requester.id)} (${zone}), ${than}.`],
  ];
}
