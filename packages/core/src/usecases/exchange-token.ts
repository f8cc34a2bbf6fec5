/** exchangeToken: RFC 8693, from a verified subject token to a token of ours, a place to wait, or a refusal. */
import { coversScopes, type Extent, type Scope } from '../domain/access.ts';
import { type Answer, answer, type ExchangeAsk } from '../domain/answer.ts';
import type { AccessCase } from '../domain/case.ts';
import { coversDetails, type Detail } from '../domain/details.ts';
import { startsLater } from '../domain/grant.ts';
import type { GrantId, RequestId } from '../domain/ids.ts';
import type { Duration } from '../domain/instant.ts';
import type { Json } from '../domain/json.ts';
import type { Moment } from '../domain/moment.ts';
import { clientById, type Policy, type Resource } from '../domain/policy.ts';
import type { Refusal } from '../domain/refusal.ts';
import { closingOf } from '../domain/request.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Attribution } from '../ports/attribution.ts';
import type { DetailsChecker } from '../ports/details.ts';
import type { Covering, Ledger, Seen } from '../ports/ledger.ts';
import type { Policies } from '../ports/policies.ts';
import { opening, targetOf, usesOf } from './asking.ts';
import { grantUse, type Issued, type Issuing, type IssuingDeps, issueFrom, repeatIssued } from './issuing.ts';
import { endOfShown, readTokens, type Showing, type Shown, type ShownDeps } from './shown-tokens.ts';
import { type WaitDeps, type Waiting, waitFor } from './waiting.ts';

export interface ExchangeCommand extends Showing {
  /** Values of `audience` and `resource`, at least one; together they must name exactly one resource. */
  readonly targets: readonly string[];
  readonly scopes?: readonly Scope[];
  /** Not yet looked at but for being JSON. */
  readonly details?: readonly Json[];
  readonly requestId?: RequestId;
  readonly deferred: boolean;
  readonly kind: 'access' | 'federation';
  readonly reason?: string;
  readonly requestedDuration?: Duration;
  /** Hash of client, key, grant type and every parameter. */
  readonly fingerprint: string;
}

export interface ExchangeDeps extends IssuingDeps, WaitDeps, ShownDeps {
  readonly ledger: Ledger;
  readonly policies: Policies;
  readonly details: DetailsChecker;
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
  readonly shown: Shown;
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
  const shown = await readTokens(deps, command, policy, (subject) => {
    attempt.by = withSubject(attempt.by, subject);
  });
  if (!shown.ok) return shown;
  const client = clientById(policy, command.client.id);
  if (client === undefined) return err({ code: 'client_rejected', usedBasic: false });
  const resource = targetOf(policy, command.targets);
  if (resource === undefined) return err({ code: 'target_unknown' });
  const bound = client.requireDpop || resource.token.dpop === 'required';
  if (bound && command.jkt === undefined) return err({ code: 'proof_required' });
  const details = command.details === undefined ? undefined : deps.details.check(resource, command.details);
  if (details === undefined && command.details !== undefined) return err({ code: 'details_not_covered' });
  const ask = within(askOf(command, shown.value, resource, details), shown.value);
  if (!ask.ok) return ask;
  return ok({
    command,
    attempt,
    shown: shown.value,
    ask: ask.value,
    useKeys: usesOf(deps.hashing, shown.value.once, resource),
    spent,
  });
}

function askOf(
  { scopes, requestId, deferred }: ExchangeCommand,
  { principal, acting }: Shown,
  resource: Resource,
  details: readonly Detail[] | undefined,
): ExchangeAsk {
  return {
    subject: principal,
    ...(acting === undefined ? {} : { acting }),
    resource,
    ...(scopes === undefined ? {} : { scopes }),
    ...(details === undefined ? {} : { details }),
    ...(requestId === undefined ? {} : { requestId }),
    deferred,
  };
}

/** Shown a token of ours: the ask stays in its target, its grant, its scopes and details. Narrower, never wider. */
function within(ask: ExchangeAsk, { within: facts }: Shown): Result<ExchangeAsk, Refusal> {
  if (facts === undefined) return ok(ask);
  if (ask.resource.audience !== facts.audience) return err({ code: 'target_unknown' });
  if ((ask.requestId ?? facts.requestId) !== facts.requestId) return err({ code: 'request_unknown' });
  const { scopes = facts.scopes, details = facts.details ?? [] } = ask;
  if (!coversScopes(facts.scopes, scopes)) return err({ code: 'scope_not_covered' });
  if (!coversDetails(facts.details, details)) return err({ code: 'details_not_covered' });
  return ok({ ...ask, requestId: facts.requestId, scopes, details });
}

function coveringQuery({ ask, useKeys }: Look) {
  const requestId = ask.requestId === undefined ? {} : { requestId: ask.requestId };
  return { subject: ask.subject, resource: ask.resource.id, ...requestId, useKeys };
}

function withSubject(by: Attribution, { principal, external }: Pick<Shown, 'principal' | 'external'>): Attribution {
  return { ...by, principal, external };
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
function answerUnspent(cases: readonly AccessCase[], look: Look, at: Moment): Result<Answer, Refusal> {
  const { ask, spent } = look;
  const isSpent = (c: AccessCase): boolean => c.grant !== undefined && spent.has(c.grant.id);
  if (cases.some((c) => isSpent(c) && c.request.id === ask.requestId)) return err({ code: 'grant_ended', how: 'over' });
  const unspent = cases.filter((c) => !isSpent(c));
  const found = answer(unspent, ask, at);
  return found.ok && waitsInVain(look, found.value) ? err(NO_WAITING) : found;
}

/** A handle gives an access token: who wants another kind is told so, and nobody is asked. */
function waitsInVain({ command }: Look, found: Answer): boolean {
  if (command.kind === 'access' || !command.deferred) return false;
  return found.kind === 'wait' || (found.kind === 'open' && !found.atOnce);
}

const NO_WAITING: Refusal = {
  code: 'malformed',
  what: 'a federation token cannot be waited for: get an access token first',
};

async function follow(deps: ExchangeDeps, look: Look, found: Answer, at: Moment): Promise<Result<Looked, Refusal>> {
  switch (found.kind) {
    case 'issue':
      return issueOne(deps, look, { value: found.from, at }, found.extent);
    case 'wait':
      return wait(deps, look, { value: found.on, at }, found.extent, false);
    case 'open':
      return open(deps, look, found);
  }
}

async function wait(
  deps: ExchangeDeps,
  { command, shown, ask, useKeys }: Look,
  on: Seen<AccessCase>,
  extent: Extent,
  madeRequest: boolean,
): Promise<Result<Waiting, Refusal>> {
  const waiting = {
    client: command.client,
    ...(command.deferred ? { handle: 'deferral_code' as const } : {}),
    principal: ask.subject,
    ...(shown.actors === undefined ? {} : { actors: shown.actors }),
    ...(command.jkt === undefined ? {} : { jkt: command.jkt }),
    paceOf: deps.hashing.digestOf(shown.tokenName),
    extent,
    uses: useKeys,
    madeRequest,
  };
  return waitFor(deps, waiting, on);
}

async function open(
  deps: ExchangeDeps,
  look: Look,
  found: Extract<Answer, { kind: 'open' }>,
): Promise<Result<Looked, Refusal>> {
  const { command, ask, shown, attempt } = look;
  const wish = {
    clientId: command.client.id,
    ...(command.reason === undefined ? {} : { reason: command.reason }),
    ...(command.requestedDuration === undefined ? {} : { requestedDuration: command.requestedDuration }),
    ...(shown.startedBy === undefined ? {} : { startedBy: shown.startedBy }),
  };
  const decide = opening(deps, ask, wish, (cases, at) => answerUnspent(cases, look, at));
  const opened = await deps.ledger.open({ subject: ask.subject, resource: ask.resource.id }, decide, attempt.by);
  if (!opened.ok) {
    attempt.noted.add(opened.error);
    return opened;
  }
  const { case: c, at, changed } = opened.value;
  const seen = { value: c, at };
  if (closingOf(c.request, at.now) === undefined || (c.grant !== undefined && startsLater(c.grant, at.now))) {
    return wait(deps, look, seen, found.extent, changed);
  }
  return issueOne(deps, look, seen, found.extent);
}

async function issueOne(
  deps: ExchangeDeps,
  look: Look,
  from: Seen<AccessCase>,
  extent: Extent,
): Promise<Result<Looked, Refusal>> {
  const { command, attempt, useKeys, ask, shown } = look;
  const notAfter = endOfShown(shown);
  const issuing = await issueFrom(deps, from, {
    clientId: command.client.id,
    subject: ask.subject,
    extent,
    shape: {
      kind: command.kind,
      ...(shown.actors === undefined ? {} : { actors: shown.actors }),
      ...(command.jkt === undefined ? {} : { jkt: command.jkt }),
      ...(notAfter === undefined ? {} : { notAfter }),
    },
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
