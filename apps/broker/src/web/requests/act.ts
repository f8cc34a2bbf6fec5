/** What a form of a request's page does: one use case, the one behind Slack and REST too; and what is told when it was refused. */
import {
  type AccessRequest,
  decisionsInForce,
  type Refusal,
  type RequestId,
  type Result,
  type Written,
} from '@sallyport/core';
import { problemOf } from '../../api/problem.ts';
import type { BrokerDeps } from '../../deps.ts';
import { type Form, param } from '../../oauth/form.ts';
import { typedText } from '../posted-form.ts';
import type { SignedIn } from '../session.ts';
import { type Less, lessIn, narrowingOf } from './less.ts';
import type { Told } from './request-page.ts';
import { signInOf } from './step-up.ts';
import { revisionIn, STALE } from './told.ts';

/** Done; or there is no such request for them; or why not, to be shown with the request as it now is. */
export type Done = 'done' | 'unknown' | (Told & { readonly less?: Less });

const NOT_UNDERSTOOD: Told = {
  problem: { status: 400, title: 'Not understood', text: 'Nothing was changed. Use the buttons of this page.' },
};
const UNCHANGED = 'Nothing was changed.';
const SAY_WHY = 'Say why, in a few words: the requester is told.';

/** Does what the form says. Anything but the four words does nothing. */
export async function act(deps: BrokerDeps, who: SignedIn, id: RequestId, form: Form): Promise<Done> {
  switch (param(form, 'choice')) {
    case 'approve':
      return approve(deps, who, id, form);
    case 'deny':
      return deny(deps, who, id, form);
    case 'cancel':
      return outcome(deps, await deps.cancelRequest(id, who.person, who.by));
    case 'end': {
      const ended = await deps.revokeGrant({ request: id }, who.person, who.by);
      if (ended.ok && ended.value.changed) deps.metrics.revocationsTotal.inc();
      return outcome(deps, ended);
    }
    default:
      return NOT_UNDERSTOOD;
  }
}

async function approve(deps: BrokerDeps, who: SignedIn, id: RequestId, form: Form): Promise<Done> {
  const revision = revisionIn(param(form, 'revision'));
  if (revision === undefined) return NOT_UNDERSTOOD;
  const less = lessIn({ duration: param(form, 'duration'), keep: param(form, 'keep') });
  const read = less === undefined ? undefined : await deps.reading.request(id, who.person);
  if (read?.ok === false) {
    await deps.ledger.note({ refusal: read.error, by: who.by, attempted: 'decide', requestId: id });
    return 'unknown';
  }
  const signIn = signInOf(who);
  return decide(deps, who, id, revision, {
    verdict: 'approve',
    ...(less === undefined || read === undefined ? {} : { narrow: narrowingOf(less, read.value.value.request), less }),
    ...(signIn === undefined ? {} : { signIn }),
  });
}

async function deny(deps: BrokerDeps, who: SignedIn, id: RequestId, form: Form): Promise<Done> {
  const revision = revisionIn(param(form, 'revision'));
  if (revision === undefined) return NOT_UNDERSTOOD;
  const reason = typedText(form, 'reason');
  if (reason === '') return { reasonProblem: SAY_WHY };
  return decide(deps, who, id, revision, { verdict: 'deny', reason });
}

type Verdict = Pick<Parameters<BrokerDeps['recordDecision']>[0], 'verdict' | 'reason' | 'narrow' | 'signIn'> & {
  readonly less?: Less;
};

async function decide(
  deps: BrokerDeps,
  { person, by }: SignedIn,
  requestId: RequestId,
  revision: number,
  { less, ...verdict }: Verdict,
): Promise<Done> {
  const command = { requestId, person: person.id, revision, ...verdict, hideFromStrangers: true };
  const decided = await deps.recordDecision(command, by);
  const result = decided.ok ? 'recorded' : decided.error.code;
  deps.metrics.decisionsTotal.inc({ verdict: verdict.verdict, result });
  const done = outcome(deps, decided);
  if (done === 'done' || done === 'unknown') return done;
  // For less it counted for the revision it made.
  const said = { person, verdict: verdict.verdict, revision: less === undefined ? revision : revision + 1 };
  if (!decided.ok && AGAIN.has(decided.error.code) && (await isSaidAlready(deps, requestId, said))) return 'done';
  const reason = verdict.reason === undefined ? {} : { reason: verdict.reason };
  return { ...done, ...reason, ...(less === undefined ? {} : { less }) };
}

/** What a second press of the same meets. */
const AGAIN: ReadonlySet<Refusal['code']> = new Set(['already_decided', 'request_closed', 'stale_revision']);

/** Pressed twice: the first press counted, and the page tells what came of it. */
async function isSaidAlready(
  deps: BrokerDeps,
  id: RequestId,
  said: Pick<SignedIn, 'person'> & {
    readonly verdict: 'approve' | 'deny';
    readonly revision: AccessRequest['revision'];
  },
): Promise<boolean> {
  const read = await deps.reading.request(id, said.person);
  return (
    read.ok &&
    decisionsInForce(read.value.value).some(
      (one) => one.person === said.person.id && one.verdict === said.verdict && one.revision === said.revision,
    )
  );
}

function outcome({ logger }: BrokerDeps, done: Result<Written, Refusal>): Done {
  if (done.ok) return 'done';
  const { code } = done.error;
  logger.info('web.refused', { code });
  if (code === 'request_unknown') return 'unknown';
  if (code === 'stale_revision') return { problem: STALE };
  const { status, title, detail = UNCHANGED } = problemOf(done.error);
  // How it ended, when and by whom, the page says right below.
  return {
    problem: { status: status === 200 ? 409 : status, title, text: code === 'request_closed' ? UNCHANGED : detail },
  };
}
