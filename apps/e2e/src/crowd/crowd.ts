/** Many people who ask in Slack at once, all into one channel: their policy and accounts, what each does, how long Slack waited. */
import type { Outcome, PersonDriver, WorkspaceDriver } from '@sallyport/testkit';
import { CHANNEL } from '../house/people.ts';
import { until } from '../house/until.ts';

export interface Flood {
  readonly people: number;
  readonly requests: number;
  /** Milliseconds over which they are spread: each is due at its time, whatever became of those before. */
  readonly withinMs: number;
}

export interface Flooded {
  /** Milliseconds until each delivery was acknowledged: commands, choices, forms. */
  readonly acksMs: readonly number[];
  /** What people were told went wrong. */
  readonly failures: readonly string[];
  /** From the first command to the last answer. */
  readonly askedMs: number;
}

const MODAL_MS = 20_000;
const CARD_LOOK_MS = 500;

const name = (index: number): string => `crowd${String(index).padStart(3, '0')}`;
const account = (index: number): string => `U01CROWD${String(index).padStart(3, '0')}`;

/** A policy file with these people beside the example: of the team that may ask for staging, Bob's reports. */
export function crowdPolicy(people: number): string {
  const entries = Array.from({ length: people }, (_, index) => ({
    id: `${name(index)}@acme.test`,
    name: `Crowd ${index}`,
    groups: ['payments'],
    manager: 'bob@acme.test',
    slack: { team: 'T01TEST', user: account(index) },
  }));
  return JSON.stringify({ version: 1, people: entries });
}

/** Gives them accounts in the workspace, and makes it as strict as Slack: one message a second and channel. */
export async function crowdJoins(slack: WorkspaceDriver, people: number): Promise<void> {
  await slack.app({ strict_rate: true });
  const known = (await slack.snapshot()).state.channels[CHANNEL]?.members ?? [];
  const members = Array.from({ length: people }, (_, index) => account(index));
  for (const id of members) await slack.user({ id, team_id: 'T01TEST', name: id.toLowerCase(), real_name: id });
  await slack.channelChange({ id: CHANNEL, members: [...known, ...members] });
}

/** They ask, one after the other and each in turn. */
export async function crowdAsks(slack: WorkspaceDriver, { people, requests, withinMs }: Flood): Promise<Flooded> {
  const outcomes: Outcome[] = [];
  const startedMs = performance.now();
  const busy: Promise<void>[] = Array.from({ length: people }, () => Promise.resolve());
  for (let index = 0; index < requests; index += 1) {
    const dueMs = startedMs + (index * withinMs) / requests;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    const who = index % people;
    const before = busy[who] ?? Promise.resolve();
    busy[who] = before.then(() => asks(slack.as(account(who)), index, outcomes));
  }
  await Promise.all(busy);
  return {
    acksMs: outcomes.flatMap((one) => (one.ack_ms === null ? [] : [one.ack_ms])),
    failures: outcomes.flatMap((one) => (one.user_error === null ? [] : [one.user_error])),
    askedMs: performance.now() - startedMs,
  };
}

/** The command, the form, the form sent: as a person does it. */
async function asks(person: PersonDriver, index: number, outcomes: Outcome[]): Promise<void> {
  outcomes.push(await person.types('/request-access staging', { channel: CHANNEL }));
  await until('the form is there', MODAL_MS, async () => (await person.modal())?.fields.role !== undefined);
  outcomes.push(await person.chooses('role', 'deploy'));
  await person.fills({ duration: '30m', justification: `Deploy the fix of release ${index}` });
  outcomes.push(await person.submits());
  outcomes.push(await person.closes({ all: true }));
}

/** Waits until the channel has so many cards that wait for a decision. */
export async function cardsArrive(slack: WorkspaceDriver, count: number, ms: number): Promise<void> {
  const end = performance.now() + ms;
  for (;;) {
    const found = await cardsIn(slack);
    if (found.length >= count) return;
    if (performance.now() > end) throw new Error(`${found.length} of ${count} cards within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, CARD_LOOK_MS));
  }
}

/** The requests whose cards are in the channel, one for each card. */
export async function cardsIn(slack: WorkspaceDriver): Promise<readonly string[]> {
  const { state } = await slack.snapshot();
  return (state.messages[CHANNEL] ?? []).flatMap(({ ts, thread_ts: thread, blocks }) => {
    const id = /req_[0-9a-z]{26}/.exec(JSON.stringify(blocks ?? []))?.[0];
    return id === undefined || (thread !== undefined && thread !== ts) ? [] : [id];
  });
}
