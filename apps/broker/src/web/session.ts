/** Who is looking at a page: from the sealed cookie to a person of the policy in force, looked up anew at every request. */
import {
  type Attribution,
  after,
  type Instant,
  identify,
  instant,
  loginIssuer,
  minutes,
  type Person,
  type PersonEntry,
  type Policy,
  personById,
} from '@sallyport/core';
import { randomToken } from '@sallyport/platform';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { addressOf } from '../address.ts';
import type { BrokerDeps } from '../deps.ts';
import { purposeShape, type SignInPurpose } from './sign-in-purpose.ts';

/** A session is never made longer: afterwards one signs in again. */
const LIFE = minutes(30);

const shape = z.strictObject({
  id: z.string(),
  /** `iss` and `sub` of the ID token: who they are. */
  issuer: z.string(),
  sub: z.string(),
  /** What proves that a form is one of this session's pages. */
  formToken: z.string(),
  /** When it began, and when the issuer says that they authenticated, in milliseconds since 1970. */
  startedAt: z.number().transform(instant),
  authenticatedAt: z.number().transform(instant).optional(),
  /** The one approval it was begun for, with a fresh sign-in. */
  purpose: purposeShape.optional(),
});

export type Session = z.output<typeof shape>;

export interface SignedIn {
  readonly session: Session;
  readonly person: Person;
  readonly entry: PersonEntry;
  readonly by: Attribution;
}

export type Visitor =
  | { readonly kind: 'nobody' }
  /** Signed in, and not, or no longer, a person in force. */
  | { readonly kind: 'stranger'; readonly session: Session }
  | ({ readonly kind: 'person' } & SignedIn);

/** Who signed in just now. */
export interface Identity {
  readonly issuer: string;
  readonly sub: string;
  readonly authenticatedAt?: Instant;
  /** What they signed in anew for. */
  readonly purpose?: SignInPurpose;
}

/** A Set-Cookie header of a new session. Its id and form token are new too: nothing of an earlier session lives on. */
export async function startSession({ web, clock }: BrokerDeps, who: Identity): Promise<string> {
  const now = clock.now();
  const session = { ...who, id: randomToken(), formToken: randomToken(), startedAt: now };
  const value = await web.sessionBox.seal(session, endOf(session));
  return web.cookies.set('session', { value, seconds: LIFE / 1_000 });
}

/** A Set-Cookie header without a session; the session itself is over everywhere. */
export async function endSession({ web }: BrokerDeps, session: Session | undefined): Promise<string> {
  if (session !== undefined) await web.sessions.end(session.id, endOf(session));
  return web.cookies.set('session');
}

/** Who sent a request, by the policy in force. */
export async function visitorOf(deps: BrokerDeps, request: FastifyRequest): Promise<Visitor> {
  const session = await readSession(deps, request);
  if (session === undefined) return { kind: 'nobody' };
  const person = personOf(deps.policies.inForce(), session);
  const entry = person === undefined ? undefined : personById(deps.policies.inForce(), person.id);
  if (person === undefined || entry === undefined) return { kind: 'stranger', session };
  const by: Attribution = {
    door: 'web',
    traceId: request.id,
    ...addressOf(request),
    principal: person,
    external: `${session.issuer} ${session.sub}`,
  };
  return { kind: 'person', session, person, entry, by };
}

async function readSession(
  { web, clock }: BrokerDeps,
  { headers }: Pick<FastifyRequest, 'headers'>,
): Promise<Session | undefined> {
  const sealed = web.cookies.read(headers.cookie, 'session');
  const opened = sealed === undefined ? undefined : shape.safeParse(await web.sessionBox.open(sealed, clock.now()));
  if (opened?.success !== true || (await web.sessions.isEnded(opened.data.id))) return undefined;
  return opened.data;
}

/** The one person this issuer's `sub` means, as long as people sign in there. Never by a name or an e-mail address. */
function personOf(policy: Policy, { issuer, sub }: Session): Person | undefined {
  const login = loginIssuer(policy);
  if (login === undefined || login.issuer !== issuer) return undefined;
  const found = identify(policy, login, { sub });
  return found.ok && found.value.kind === 'person' ? found.value : undefined;
}

function endOf({ startedAt }: Pick<Session, 'startedAt'>): Instant {
  return after(startedAt, LIFE);
}
