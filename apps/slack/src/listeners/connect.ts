/** Connecting and unlinking: handing a link to an account nobody has, and ending one. The account is who clicked, never what a value says. */
import { type LinkId, loginIssuer, type RefusalOf } from '@sallyport/core';
import { parseLink } from '../action-ids.ts';
import { attribution, type Desk, note } from '../desk.ts';
import { type Actor, accountOf } from '../identity.ts';
import { readClick } from '../payload.ts';
import type { Speak } from '../speak.ts';
import type { Button, HomeView } from '../views/blocks.ts';
import { strangerHome } from '../views/home-view.ts';
import {
  confirmationCode,
  connectButton,
  handedOut,
  handedTooOften,
  LINK_SAY,
  openPageButton,
  unlinkedHome,
} from '../views/link-views.ts';
import type { Sentence } from '../views/sentence.ts';
import { sentenceFor } from '../views/sentences.ts';
import { cut, oneLine } from '../views/text.ts';
import { answering, type Heard } from './heard.ts';

/** What an account is called, as far as it is kept. */
const NAME_MAX = 80;
/** The page of the broker. */
const LINK_PATH = '/link/slack';

/** Whether somebody we do not know could connect their account: a full member, where people sign in at all. */
function mayConnect(desk: Desk, refusal: RefusalOf<'identity_rejected'>): boolean {
  return refusal.why === 'nobody_matches' && loginIssuer(desk.policies.inForce()) !== undefined;
}

/** Says why somebody is refused; a member who could connect their account is handed a link. The refusal is in the trail already. */
export async function sayWhoNot(
  desk: Desk,
  refusal: RefusalOf<'identity_rejected'>,
  actor: Actor,
  speak: Speak,
): Promise<void> {
  if (!mayConnect(desk, refusal)) return speak(sentenceFor(refusal, { account: actor }));
  const { says, button } = await handOut(desk, actor);
  await speak(says, button === undefined ? [] : [button]);
}

interface HandedOut {
  readonly says: Sentence;
  readonly button?: Button;
}

/** Makes the two codes: one into the link, one into a direct message to this very account. */
async function handOut(desk: Desk, actor: Actor): Promise<HandedOut> {
  const facts = await desk.identities.facts(actor.user, { live: false });
  const claimed = cut(oneLine(facts?.name ?? ''), NAME_MAX);
  const handed = await desk.linkDesk.hand(accountOf(actor), claimed, attribution(actor));
  if (!handed.ok) return { says: handedTooOften(handed.error.retryAfterSeconds) };
  const { code, confirmation, offer } = handed.value;
  desk.tell(actor.user, confirmationCode(confirmation, offer.expiresAt));
  const url = new URL(LINK_PATH, desk.issuer);
  url.searchParams.set('code', code);
  return { says: handedOut(offer.expiresAt), button: openPageButton(url.href) };
}

/** The Home of somebody we do not know. Nothing is handed out by looking at it. */
export function homeOfUnknown(desk: Desk, refusal: RefusalOf<'identity_rejected'>, actor: Actor): HomeView {
  const now = desk.now();
  return mayConnect(desk, refusal)
    ? unlinkedHome(LINK_SAY.notLinked, now, connectButton())
    : strangerHome(sentenceFor(refusal, { account: actor }), now);
}

/** Connect your account, in the Home: it becomes the link. */
export async function connect(desk: Desk, { body, ack, respond }: Heard): Promise<void> {
  await ack();
  const { actor } = readClick(body);
  await answering(desk, { user: actor.user, respond }, async (speak) => {
    const who = await desk.identities.identify(actor, { live: true });
    if (who.ok) return desk.homes.opened(actor.user, who.value.person);
    await note(desk, who.error, actor, { attempted: 'link' });
    if (!mayConnect(desk, who.error)) return speak(sentenceFor(who.error, { account: actor }));
    const { says, button } = await handOut(desk, actor);
    await desk.homes.show(actor.user, unlinkedHome(says, desk.now(), button ?? connectButton()));
  });
}

/** Unlink, in the message that told of the link, or in the Home. */
export async function unlink(desk: Desk, { body, ack, respond }: Heard): Promise<void> {
  await ack();
  const { actor, value } = readClick(body);
  const id = parseLink(value);
  await answering(desk, { user: actor.user, respond }, async (speak) => {
    await speak(id === undefined ? LINK_SAY.notYours : await unlinked(desk, actor, LINK_SAY.notYours, id));
  });
}

/** `/request-access unlink`. */
export async function unlinkByCommand(desk: Desk, actor: Actor, speak: Speak): Promise<void> {
  await speak(await unlinked(desk, actor, LINK_SAY.nothingToUnlink));
}

/** Less access needs less proof: the account alone is enough. `otherwise`: there was nothing to end. */
async function unlinked(desk: Desk, actor: Actor, otherwise: Sentence, only?: LinkId): Promise<Sentence> {
  const account = accountOf(actor);
  const ended = await desk.linkDesk.unlink(account, attribution(actor), only);
  const owner = await desk.accounts.personOf(desk.policies.inForce(), account);
  if (owner.ok) return only === undefined ? LINK_SAY.byPolicy : otherwise;
  if (ended === undefined) return otherwise;
  await desk.homes.forget(actor.user, unlinkedHome(LINK_SAY.notLinked, desk.now(), connectButton()));
  return LINK_SAY.unlinked;
}
