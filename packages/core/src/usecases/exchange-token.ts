/** exchangeToken: RFC 8693, from a verified subject token to a token of ours, a place to wait, or a refusal. */
import type { Scope } from '../domain/access.ts';
import { type Answer, answer, type ExchangeAsk } from '../domain/answer.ts';
import type { AccessCase } from '../domain/case.ts';
import { startsLater } from '../domain/grant.ts';
import type { GrantId, RequestId } from '../domain/ids.ts';
import type { Duration } from '../domain/instant.ts';
import type { Moment } from '../domain/moment.ts';
import { openRequest } from '../domain/open-request.ts';
import {
  type Client,
  clientById,
  type Policy,
  type Resource,
  resourceByAudience,
  resourceById,
} from '../domain/policy.ts';
import type { Refusal } from '../domain/refusal.ts';
import { closingOf } from '../domain/request.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Attribution } from '../ports/attribution.ts';
import type { Clock, Hashing } from '../ports/chance.ts';
import type { Covering, DecideOpening, Ledger, Seen } from '../ports/ledger.ts';
import type { Policies } from '../ports/policies.ts';
import type { SubjectVerifier, VerifiedSubject } from '../ports/tokens.ts';
import { grantUse, type Issued, type Issuing, type IssuingDeps, issueFrom, repeatIssued } from './issuing.ts';
import { type WaitAsk, type WaitDeps, type Waiting, waitFor } from './waiting.ts';

export interface ExchangeCommand {
  readonly client: Client;
  readonly subjectToken: string;
  /** Values of `audience` and `resource`, at least one; together they must name exactly one resource. */
  readonly targets: readonly string[];
  readonly scopes?: readonly Scope[];
  readonly requestId?: RequestId;
  readonly deferred: boolean;
  readonly reason?: string;
  readonly requestedDuration?: Duration;
  /** Hash of client, grant type and every parameter. */
  readonly fingerprint: string;
}

export interface ExchangeDeps extends IssuingDeps, WaitDeps {
  readonly ledger: Ledger;
  readonly policies: Policies;
  readonly verifier: SubjectVerifier;
  readonly hashing: Hashing;
  readonly clock: Clock;
}

export type ExchangeToken = (command: ExchangeCommand, by: Attribution) => Promise<Result<Issued | Waiting, Refusal>>;

/** Looks again this often when grant or policy moved under it; then it is an outage, not a refusal. */
const LOOKS_MAX = 5;

/** Builds the use case. Refusals: everything of docs/errors.md that the token endpoint answers. Each is noted in the trail. */
export function makeExchangeToken(deps: ExchangeDeps): ExchangeToken {
  return async (command, by) => {
    const attempt: Attempt = { by, noted: new Set() };
    const result = await exchange(deps, command, attempt);
    if (!result.ok && !attempt.noted.has(result.error))
      await noteRefusal(deps.ledger, result.error, command, attempt.by);
    return result;
  };
}

/** What the trail has to know, however the exchange ends. */
interface Attempt {
  /** With the subject in it as soon as that is verified. */
  by: Attribution;
  /** Refusals whose audit row the ledger has written already. */
  readonly noted: Set<Refusal>;
}

/** What one look at an exchange works with. */
interface Look {
  readonly command: ExchangeCommand;
  readonly attempt: Attempt;
  readonly subject: VerifiedSubject;
  readonly ask: ExchangeAsk;
  readonly useKeys: readonly string[];
  /** One-shot grants found to have given their token: they cover nothing. */
  readonly spent: Set<GrantId>;
}

type Looked = Issued | Waiting | { readonly kind: 'again' };

async function exchange(
  deps: ExchangeDeps,
  command: ExchangeCommand,
  attempt: Attempt,
): Promise<Result<Issued | Waiting, Refusal>> {
  let policy = deps.policies.inForce();
  const spent = new Set<GrantId>();
  // A look that found a grant spent is not lost: there are only so many grants.
  for (let looks = 0; looks < LOOKS_MAX + spent.size; looks++) {
    const prepared = await prepare(deps, command, attempt, policy, spent);
    if (!prepared.ok) return prepared;
    const seen = await deps.ledger.covering(coveringQuery(prepared.value));
    if (seen.at.policy.version !== policy.version) {
      policy = seen.at.policy;
      continue;
    }
    const looked = await look(deps, prepared.value, seen);
    if (!looked.ok) return looked;
    if (looked.value.kind !== 'again') return ok(looked.value);
  }
  throw new Error('grant or policy kept changing during an exchange');
}

async function prepare(
  deps: ExchangeDeps,
  command: ExchangeCommand,
  attempt: Attempt,
  policy: Policy,
  spent: Set<GrantId>,
): Promise<Result<Look, Refusal>> {
  const subject = await deps.verifier.verify(command.subjectToken, policy, deps.clock.now());
  if (!subject.ok) return subject;
  attempt.by = withSubject(attempt.by, subject.value);
  const client = clientById(policy, command.client.id);
  if (client === undefined) return err({ code: 'client_rejected', usedBasic: false });
  const resource = targetOf(policy, command.targets);
  if (resource === undefined) return err({ code: 'target_unknown' });
  if (client.requireDpop || resource.token.dpop === 'required') {
    return err({ code: 'malformed', what: 'a DPoP proof is required here and this server does not take them yet' });
  }
  const { issuer, jti, principal } = subject.value;
  const useKeys = issuer.singleUse
    ? [`subject:${deps.hashing.digestOf(JSON.stringify([issuer.issuer, jti, resource.id]))}`]
    : [];
  const ask: ExchangeAsk = {
    subject: principal,
    resource,
    ...(command.scopes === undefined ? {} : { scopes: command.scopes }),
    ...(command.requestId === undefined ? {} : { requestId: command.requestId }),
    deferred: command.deferred,
  };
  return ok({ command, attempt, subject: subject.value, ask, useKeys, spent });
}

/** The one enabled resource all targets name, by audience URI or id; RFC 8693 section 2.1. */
function targetOf(policy: Policy, targets: readonly string[]): Resource | undefined {
  const named = new Set(targets.map((target) => resourceByAudience(policy, target) ?? resourceById(policy, target)));
  const [only] = named;
  return named.size === 1 ? only : undefined;
}

function coveringQuery({ ask, useKeys }: Look) {
  const requestId = ask.requestId === undefined ? {} : { requestId: ask.requestId };
  return { subject: ask.subject, resource: ask.resource.id, ...requestId, useKeys };
}

function withSubject(by: Attribution, subject: VerifiedSubject): Attribution {
  return { ...by, principal: subject.principal, external: `${subject.issuer.issuer} ${subject.sub}` };
}

async function look(deps: ExchangeDeps, look: Look, seen: Seen<Covering>): Promise<Result<Looked, Refusal>> {
  const { earlier, cases } = seen.value;
  if (earlier !== undefined) {
    return repeatIssued(deps, earlier, look.command.fingerprint, seen.at.now, { code: 'replayed' });
  }
  const found = answerUnspent(cases, look, seen.at);
  if (!found.ok) return found;
  return follow(deps, look, found.value, seen.at);
}

/** A grant that gave its one token covers nothing; a request named by its id says so. */
function answerUnspent(cases: readonly AccessCase[], { ask, spent }: Look, at: Moment): Result<Answer, Refusal> {
  const isSpent = (c: AccessCase): boolean => c.grant !== undefined && spent.has(c.grant.id);
  if (cases.some((c) => isSpent(c) && c.request.id === ask.requestId)) return err({ code: 'grant_ended', how: 'over' });
  return answer(
    cases.filter((c) => !isSpent(c)),
    ask,
    at,
  );
}

async function follow(deps: ExchangeDeps, look: Look, found: Answer, at: Moment): Promise<Result<Looked, Refusal>> {
  switch (found.kind) {
    case 'issue':
      return issueOne(deps, look, { value: found.from, at }, found.scopes);
    case 'wait':
      return waitFor(deps, waitAsk(look, found.scopes, false), { value: found.on, at });
    case 'open':
      return open(deps, look, found);
  }
}

function waitAsk({ command, subject, ask, useKeys }: Look, scopes: readonly Scope[], madeRequest: boolean): WaitAsk {
  return {
    client: command.client,
    deferred: command.deferred,
    subject,
    principal: ask.subject,
    scopes,
    uses: useKeys,
    madeRequest,
  };
}

async function open(
  deps: ExchangeDeps,
  look: Look,
  found: Extract<Answer, { kind: 'open' }>,
): Promise<Result<Looked, Refusal>> {
  const { subject, resource } = look.ask;
  const opened = await deps.ledger.open({ subject, resource: resource.id }, opening(deps, look), look.attempt.by);
  if (!opened.ok) {
    look.attempt.noted.add(opened.error);
    return opened;
  }
  const { case: c, at, changed } = opened.value;
  const seen = { value: c, at };
  if (closingOf(c.request, at.now) === undefined || (c.grant !== undefined && startsLater(c.grant, at.now))) {
    return waitFor(deps, waitAsk(look, found.scopes, changed), seen);
  }
  return issueOne(deps, look, seen, found.scopes);
}

/** Under the lock of subject and resource: look again, join what is there, else open. */
function opening(deps: ExchangeDeps, look: Look): DecideOpening {
  const { command, ask } = look;
  const ids = { request: deps.chance.requestId(), decision: deps.chance.decisionId(), grant: deps.chance.grantId() };
  return (cases, at) => {
    const found = answerUnspent(cases, look, at);
    if (!found.ok) return found;
    if (found.value.kind === 'issue') return ok({ kind: 'join', to: found.value.from });
    if (found.value.kind === 'wait') return ok({ kind: 'join', to: found.value.on });
    const { role, scopes } = found.value;
    const asked = {
      subject: ask.subject,
      requester: ask.subject,
      resource: ask.resource.id,
      role: role.id,
      scopes,
      ...(command.requestedDuration === undefined ? {} : { duration: command.requestedDuration }),
      tooLong: 'clamp',
      justification: command.reason ?? '',
      door: 'oauth',
      clientId: command.client.id,
    } as const;
    const step = openRequest(ids, asked, at, deps.hashing.digestOf);
    return step.ok ? ok({ kind: 'new', step: step.value }) : step;
  };
}

async function issueOne(
  deps: ExchangeDeps,
  look: Look,
  from: Seen<AccessCase>,
  scopes: readonly Scope[],
): Promise<Result<Looked, Refusal>> {
  const { command, attempt, useKeys, ask } = look;
  const issuing = await issueFrom(deps, from, {
    clientId: command.client.id,
    subject: ask.subject,
    scopes,
    uses: useKeys,
    fingerprint: command.fingerprint,
    by: attempt.by,
  });
  return issuing.ok ? settle(deps, look, from, issuing.value) : issuing;
}

async function settle(
  deps: ExchangeDeps,
  look: Look,
  from: Seen<AccessCase>,
  issuing: Issuing,
): Promise<Result<Looked, Refusal>> {
  if (issuing.kind === 'issued' || issuing.kind === 'again') return ok(issuing);
  const grant = from.value.grant?.id;
  if (grant === undefined) throw new Error('a token was recorded against a case without a grant');
  if (issuing.kind === 'used') {
    const repeat = await repeatIssued(deps, issuing.earlier, look.command.fingerprint, from.at.now, {
      code: 'replayed',
    });
    if (repeat.ok || repeat.error.code !== 'replayed' || issuing.key !== grantUse(grant)) return repeat;
  }
  look.spent.add(grant);
  return ok({ kind: 'again' });
}

/** Waiting and pacing are no refusals worth a row each; everything else is. */
async function noteRefusal(ledger: Ledger, refusal: Refusal, command: ExchangeCommand, by: Attribution): Promise<void> {
  if (refusal.code === 'polled_too_soon' || refusal.code === 'too_many') return;
  const requestId = command.requestId === undefined ? {} : { requestId: command.requestId };
  await ledger.note({ refusal, by: { ...by, clientId: command.client.id }, attempted: 'exchange', ...requestId });
}
