/** Owns the steps the story's tests share: Alice asks, the card is there, somebody presses. */
import type { PersonDriver, SeenMessage } from '@sallyport/testkit/slack';
import { CHANNEL, type SlackHouse } from './slack-house.ts';

export const ALICE_ID = 'U01ALICE';
export const BOB_ID = 'U01BOB';
export const CAROL_ID = 'U01CAROL';
export const DAN_ID = 'U01DAN';

/** What Alice fills in unless a test says otherwise: the story's first step. */
export const STORY_FORM = {
  resource: 'orders-db',
  role: 'admin',
  subject: 'workload:payments-deploy',
  duration: '30m',
  justification: 'rotate the leaked credentials',
} as const;

/** Alice types the command, fills the form as a person would, sends it; resolves when the card is there. */
export async function asks(house: SlackHouse, form: Record<string, string | null> = {}): Promise<SeenMessage> {
  const alice = house.driver.as(ALICE_ID);
  await opensForm(house, alice);
  const before = (await cards(house)).length;
  const { resource, ...rest } = { ...STORY_FORM, ...form };
  await alice.fills({ resource });
  const sent = await alice.submits(rest);
  if (sent.user_error !== null) throw new Error(`the form was not taken: ${sent.user_error}`);
  const errors = (await alice.modal())?.errors ?? {};
  if (Object.keys(errors).length > 0) throw new Error(`the form was refused: ${JSON.stringify(errors)}`);
  return house.driver.until(async () => (await cards(house))[before]);
}

/** Types `/request-access` and waits for the form. */
export async function opensForm(house: SlackHouse, person: PersonDriver, text = '/request-access'): Promise<void> {
  const typed = await person.types(text, { channel: CHANNEL });
  if (typed.user_error !== null) throw new Error(`the command was not taken: ${typed.user_error}`);
  await house.driver.until(async () => (await person.modal())?.callback_id === 'request_access');
}

/** Cards in the approvers' channel, oldest first; thread lines left out. */
export async function cards(house: SlackHouse): Promise<SeenMessage[]> {
  const all = await house.driver.channel(CHANNEL).messages();
  return all.filter((message) => message.thread_ts === undefined || message.thread_ts === message.ts);
}

/** The newest card. */
export async function card(house: SlackHouse): Promise<SeenMessage> {
  const newest = (await cards(house)).at(-1);
  if (newest === undefined) throw new Error('there is no card');
  return newest;
}

/** Waits until the newest card reads so. */
export function cardReads(house: SlackHouse, part: string): Promise<SeenMessage> {
  return house.driver.until(async () => {
    const newest = await card(house);
    return newest.reads.includes(part) ? newest : undefined;
  });
}

/** Waits until a person was told so, by direct message or by an ephemeral one. */
export function isTold(house: SlackHouse, user: string, part: string): Promise<SeenMessage> {
  const person = house.driver.as(user);
  return house.driver.until(async () => {
    const all = [...(await person.dms()), ...(await person.ephemerals())];
    return all.find((message) => message.reads.includes(part));
  });
}

/** Codes of what was refused so far. */
export function refusals(house: SlackHouse): readonly string[] {
  return house.world.store.audit.flatMap((row) => (row.type === 'attempt.refused' ? [row.reasonCode ?? ''] : []));
}
