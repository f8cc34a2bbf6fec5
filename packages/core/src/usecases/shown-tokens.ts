/** Shown tokens: from the texts an exchange shows to whom it is for and who acts for them, or why not. */
import type { ExchangeAsk } from '../domain/answer.ts';
import { type ActingParty, type Actors, actingNow, namesActor } from '../domain/delegation.ts';
import type { Instant } from '../domain/instant.ts';
import { isTokenLive, type TokenFacts } from '../domain/issuance.ts';
import type { Client, Policy } from '../domain/policy.ts';
import { nameOf, type PersonId, type Principal, parsePrincipal } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Clock } from '../ports/chance.ts';
import type { Issuances } from '../ports/issuances.ts';
import type { OwnVerifier, SubjectVerifier, VerifiedSubject } from '../ports/tokens.ts';

/** A token as it came, and whose it claims to be. */
export interface Presented {
  /** `own`: an access token of ours. `foreign`: a token of a trusted issuer. */
  readonly from: 'own' | 'foreign';
  readonly token: string;
}

/** What an exchange shows of itself. */
export interface Showing {
  readonly client: Client;
  readonly subjectToken: Presented;
  readonly actorToken?: Presented;
  /** Of the key proved with the call. */
  readonly jkt?: string;
}

/** What names a token that gives one of ours for a target. */
export type SingleUse = readonly [issuer: string, jti: string];

/** Whom an exchange is for. */
export interface Shown {
  readonly principal: Principal;
  /** Who they are outside, for the trail. */
  readonly external: string;
  /** Tells this subject token from every other. */
  readonly tokenName: string;
  /** Its token gives one of ours for a target: what names it. */
  readonly once?: SingleUse;
  readonly acting?: NonNullable<ExchangeAsk['acting']>;
  readonly actors?: Actors;
  readonly startedBy?: PersonId;
  /** The subject token is one of ours: the new one stays within it. */
  readonly within?: TokenFacts;
}

export interface ShownDeps {
  readonly verifier: SubjectVerifier;
  readonly ownVerifier: OwnVerifier;
  readonly issuances: Issuances;
  readonly clock: Clock;
}

/**
 * Verifies what is shown (RFC 8693 sections 2.1, 4.1, 4.4). `known` hears of the subject as soon as it is.
 * Refusals: subject_token_rejected, actor_token_rejected, proof_required.
 */
export async function readTokens(
  deps: ShownDeps,
  showing: Showing,
  policy: Policy,
  known: (subject: Pick<Shown, 'principal' | 'external'>) => void,
): Promise<Result<Shown, Refusal>> {
  const subject = await readSubject(deps, showing, policy);
  if (!subject.ok) return subject;
  known(subject.value);
  if (showing.actorToken === undefined) return withoutActor(subject.value, showing.client);
  const actor = await readActor(deps, showing, showing.actorToken, subject.value, policy);
  return actor.ok ? withActor(subject.value, actor.value) : actor;
}

/** A subject, and what its token says of those who act for it. */
interface Subject extends Omit<Shown, 'acting' | 'actors'> {
  readonly issuer: string;
  readonly chain: readonly ActingParty[];
  readonly mayAct?: NonNullable<VerifiedSubject['mayAct']>;
}

interface Actor {
  readonly principal: Principal;
  readonly party: Required<ActingParty>;
}

/** `iss` of ours, where only told apart from those of others. */
const OURS = 'own';

async function readSubject(deps: ShownDeps, showing: Showing, policy: Policy): Promise<Result<Subject, Refusal>> {
  if (showing.subjectToken.from === 'own') return readOwnSubject(deps, showing);
  const verified = await deps.verifier.verify(showing.subjectToken.token, policy, deps.clock.now());
  if (!verified.ok) return verified;
  const { principal, issuer, sub, jti, actors, mayAct, startedBy } = verified.value;
  return ok({
    principal,
    external: `${issuer.issuer} ${sub}`,
    tokenName: JSON.stringify([issuer.issuer, jti]),
    ...singleUse(verified.value),
    issuer: issuer.issuer,
    chain: actors,
    ...(mayAct === undefined ? {} : { mayAct }),
    ...(startedBy === undefined ? {} : { startedBy }),
  });
}

/** `once`, of a token whose issuer's tokens are good for one exchange and target. */
export function singleUse({ issuer, jti }: VerifiedSubject): { readonly once?: SingleUse } {
  return issuer.singleUse ? { once: [issuer.issuer, jti] } : {};
}

async function readOwnSubject(deps: ShownDeps, showing: Showing): Promise<Result<Subject, Refusal>> {
  const facts = await readOwn(deps, showing, showing.subjectToken.token);
  if (!facts.ok) {
    return err(facts.error === 'no_proof' ? { code: 'proof_required' } : rejected(facts.error));
  }
  const { jti, subject, actors } = facts.value;
  return ok({
    principal: subject,
    external: `${OURS} ${jti}`,
    tokenName: JSON.stringify([OURS, jti]),
    issuer: OURS,
    chain: actors ?? [],
    within: facts.value,
  });
}

/** An access token of ours: active, shown by the client it was issued to, with the key it is bound to. */
async function readOwn(
  { ownVerifier, issuances, clock }: ShownDeps,
  { client, jkt }: Showing,
  token: string,
): Promise<Result<TokenFacts, string>> {
  const jti = await ownVerifier.verify(token, clock.now());
  const seen = jti === undefined ? undefined : await issuances.find(jti);
  if (seen === undefined) return err('unknown');
  const { token: facts, revoked, case: c } = seen.value;
  if (!isTokenLive({ ...facts, revoked }, c, seen.at)) return err('inactive');
  if (facts.clientId !== client.id) return err('other_client');
  if (facts.jkt === undefined || facts.jkt === jkt) return ok(facts);
  return err(jkt === undefined ? 'no_proof' : 'other_key');
}

async function readActor(
  deps: ShownDeps,
  showing: Showing,
  { from, token }: Presented,
  subject: Subject,
  policy: Policy,
): Promise<Result<Actor, Refusal>> {
  if (from === 'foreign') {
    const verified = await deps.verifier.verify(token, policy, deps.clock.now());
    if (!verified.ok) return err({ code: 'actor_token_rejected', why: verified.error.why });
    const { principal, issuer, sub } = verified.value;
    return ok({ principal, party: { iss: issuer.issuer, sub } });
  }
  const facts = await readOwn(deps, showing, token);
  if (!facts.ok) return err({ code: 'actor_token_rejected', why: facts.error });
  if (subject.within !== undefined && subject.within.audience !== facts.value.audience)
    return err({ code: 'actor_token_rejected', why: 'other_target' });
  const { subject: principal } = facts.value;
  return ok({ principal, party: { iss: OURS, sub: nameOf(principal) } });
}

/** Whoever a subject says may act for it must be who shows its token: without an actor token, the client. */
function withoutActor({ chain, mayAct, issuer: _issuer, ...subject }: Subject, client: Client): Result<Shown, Refusal> {
  if (mayAct !== undefined && (mayAct.sub !== client.id || mayAct.iss !== undefined)) return err(rejected('may_act'));
  const [current, ...before] = chain;
  if (current === undefined) return ok(subject);
  const actor = current.iss === undefined ? parsePrincipal(current.sub) : undefined;
  // Its own token says who acts: that was checked when it was issued.
  const acting = actor === undefined ? {} : { acting: { actor, named: true } };
  return ok({ ...subject, ...acting, actors: [current, ...before] });
}

function withActor({ chain, mayAct, issuer, ...subject }: Subject, actor: Actor): Result<Shown, Refusal> {
  const named = mayAct !== undefined && namesActor(mayAct, issuer, actor.party);
  if (mayAct !== undefined && !named) return err({ code: 'actor_token_rejected', why: 'may_act' });
  const actors = actingNow(actor.principal, chain);
  if (actors === undefined) return err(rejected('act_depth'));
  return ok({ ...subject, acting: { actor: actor.principal, named }, actors });
}

function rejected(why: string): Refusal {
  return { code: 'subject_token_rejected', why };
}

/** When the token that was shown ends: what comes of it does not outlive it. */
export function endOfShown({ within }: Shown): Instant | undefined {
  return within?.expiresAt;
}
