/** Owns what every listener works with: the use cases, who people are, where to speak, what to wake. */
import {
  type Attribution,
  type CancelRequest,
  type Chance,
  type DeactivatePerson,
  type Facts,
  type Hashing,
  type Instant,
  type Ledger,
  type LinkDesk,
  type MoreTime,
  type OnceKey,
  type PersonId,
  type Policies,
  person,
  type QuestionRequest,
  type Questions,
  type Reading,
  type RecordDecision,
  type Refusal,
  type RequestId,
  type RevokeGrant,
  type SlackLinks,
  type SubmitRequest,
} from '@sallyport/core';
import { type Logger, type Metrics, randomToken, sha256Hex } from '@sallyport/platform';
import type { Accounts } from './accounts.ts';
import { type Actor, accountOf, type Identities } from './identity.ts';
import type { RemovedWhy } from './install/installations.ts';
import type { WebClient } from './outbound/clients.ts';
import type { Homes } from './outbound/homes.ts';
import type { Places } from './outbound/places.ts';
import type { SlackMessages, SlackNudges } from './outbound/stores.ts';
import type { Tell } from './outbound/tell.ts';
import type { PageOf } from './pages.ts';
import type { SeenClick, SeenView } from './payload.ts';

export interface Desk {
  readonly ledger: Ledger;
  readonly policies: Policies;
  readonly hashing: Hashing;
  readonly chance: Chance;
  readonly submitRequest: SubmitRequest;
  readonly recordDecision: RecordDecision;
  readonly moreTime: MoreTime;
  readonly cancelRequest: CancelRequest;
  readonly revokeGrant: RevokeGrant;
  readonly questions: Pick<Questions, 'ofRequest'>;
  readonly facts: Facts;
  readonly questionRequest: QuestionRequest;
  readonly reading: Reading;
  readonly identities: Identities;
  readonly accounts: Accounts;
  readonly linkDesk: LinkDesk;
  readonly deactivatePerson: DeactivatePerson;
  readonly slackLinks: Pick<SlackLinks, 'end'>;
  /** The broker's address, for links. */
  readonly issuer: string;
  /** The time, for what is shown. */
  readonly now: () => Instant;
  /** The interactive client: never for messages. */
  readonly client: WebClient;
  readonly messages: Pick<SlackMessages, 'at' | 'ofRequest'>;
  readonly nudges: Pick<SlackNudges, 'nudge'>;
  readonly homes: Homes;
  /** The address of a message, once the workspace's is known. */
  readonly linkTo: Places['linkTo'];
  /** The page of a request on the broker. */
  readonly pageOf: PageOf;
  /** Says something to a person by direct message, behind. */
  readonly tell: Tell;
  /** A request changed, or what is shown of it is out of date (`force`). */
  readonly redraw: (request: RequestId, how: { readonly force: boolean }) => void;
  /** Slack says that the app was taken out of this workspace, or its token taken back. */
  readonly removed: (why: RemovedWhy) => Promise<void>;
  readonly metrics: Pick<Metrics, 'decisionsTotal' | 'revocationsTotal'>;
  readonly logger: Logger;
}

/** Who does it, for the trail; and by which account, for the transaction that decides. */
export function attribution(actor: Actor, id?: PersonId): Attribution {
  return {
    door: 'slack',
    external: `slack:${actor.team}/${actor.user}`,
    traceId: randomToken(16),
    ...(id === undefined ? {} : { principal: person(id), account: accountOf(actor) }),
  };
}

/** A no that reached no case: into the trail. Must not spoil the answer to the person. */
export async function note(
  desk: Desk,
  refusal: Refusal,
  actor: Actor,
  what: { readonly attempted: string; readonly requestId?: RequestId; readonly person?: PersonId },
): Promise<void> {
  const { attempted, requestId } = what;
  try {
    await desk.ledger.note({
      refusal,
      attempted,
      by: attribution(actor, what.person),
      ...(requestId === undefined ? {} : { requestId }),
    });
  } catch (err) {
    desk.logger.error('slack.refusal_not_audited', { code: refusal.code, err });
  }
}

/** What makes a click happen once. */
export function clickOnce(click: SeenClick): OnceKey | undefined {
  if (click.onceKey === undefined) return undefined;
  return { scope: 'slack.action', key: click.onceKey, bodyHash: sha256Hex(click.value ?? '') };
}

/** What makes a form be sent once: its view, also the key of the request it makes. */
export function submissionOnce(actor: Actor, view: SeenView): OnceKey | undefined {
  if (view.id === undefined) return undefined;
  return {
    scope: 'slack.view',
    key: sha256Hex(JSON.stringify([actor.team, actor.user, view.id])),
    bodyHash: sha256Hex(JSON.stringify([view.private_metadata ?? '', view.state])),
  };
}
