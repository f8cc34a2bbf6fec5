/** startBackchannel: CIBA-shaped. A client asks for somebody it can name and gets what to poll with, also when it is approved at once. */
import type { Scope } from '../domain/access.ts';
import type { Duration } from '../domain/instant.ts';
import type { Json } from '../domain/json.ts';
import { type Client, clientById, isInForce, type Policy, type Resource } from '../domain/policy.ts';
import type { PersonId, Principal } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Attribution } from '../ports/attribution.ts';
import type { Clock } from '../ports/chance.ts';
import type { DetailsChecker } from '../ports/details.ts';
import type { Policies } from '../ports/policies.ts';
import type { SubjectVerifier } from '../ports/tokens.ts';
import { type AskingDeps, findOrOpen, targetOf, usesOf } from './asking.ts';
import { type SingleUse, singleUse } from './shown-tokens.ts';
import { handOut, type WaitDeps, type Waiting } from './waiting.ts';

/** Whom it is for: a name, or a token of a trusted issuer that says so (CIBA section 7.1). */
export type Hint =
  | { readonly kind: 'named'; readonly principal: Principal }
  | { readonly kind: 'token'; readonly token: string };

export interface StartBackchannelCommand {
  readonly client: Client;
  readonly hint: Hint;
  readonly targets: readonly string[];
  readonly scopes: readonly Scope[];
  readonly details?: readonly Json[];
  /** Of the key proved with this call; without one the first poll's proof binds. */
  readonly jkt?: string;
  readonly reason?: string;
  /** On the card; also the justification where `reason` is absent. */
  readonly bindingMessage?: string;
  readonly requestedDuration?: Duration;
  /** Shortens the pending time. */
  readonly requestedExpiry?: Duration;
}

export interface StartBackchannelDeps extends AskingDeps, WaitDeps {
  readonly policies: Policies;
  readonly verifier: SubjectVerifier;
  readonly details: DetailsChecker;
  readonly clock: Clock;
}

export type StartedBackchannel = Waiting & Required<Pick<Waiting, 'handle'>>;
export type StartBackchannel = (
  command: StartBackchannelCommand,
  by: Attribution,
) => Promise<Result<StartedBackchannel, Refusal>>;

/** Looks again this often when the policy moved under it; then it is an outage. */
const LOOKS_MAX = 5;
/** The verifier's word for a good token whose time is over. */
const EXPIRED = 'claim:exp';

/**
 * Builds the use case. Refusals: hint_unknown, hint_expired, subject_token_rejected, client_rejected, malformed (a name
 * from a client that proved nothing), target_unknown, details_not_covered, and those of `answer` and `openRequest`.
 */
export function makeStartBackchannel(deps: StartBackchannelDeps): StartBackchannel {
  return async (command, by) => {
    const attempt: Attempt = { by: { ...by, clientId: command.client.id }, noted: new Set() };
    const result = await start(deps, command, attempt);
    if (!result.ok && !attempt.noted.has(result.error))
      await deps.ledger.note({ refusal: result.error, by: attempt.by, attempted: 'backchannel' });
    return result;
  };
}

interface Attempt {
  by: Attribution;
  readonly noted: Set<Refusal>;
}

async function start(
  deps: StartBackchannelDeps,
  command: StartBackchannelCommand,
  attempt: Attempt,
): Promise<Result<StartedBackchannel, Refusal>> {
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    const policy = deps.policies.inForce();
    const started = await startUnder(deps, command, attempt, policy);
    if (started !== undefined) return started;
  }
  throw new Error('the policy kept changing during a backchannel start');
}

/** Undefined when the policy was not the one in force. */
async function startUnder(
  deps: StartBackchannelDeps,
  command: StartBackchannelCommand,
  attempt: Attempt,
  policy: Policy,
): Promise<Result<StartedBackchannel, Refusal> | undefined> {
  const client = clientById(policy, command.client.id);
  if (client === undefined) return err({ code: 'client_rejected', usedBasic: false });
  const whom = await hinted(deps, command.hint, client, policy);
  if (!whom.ok) return whom;
  attempt.by = { ...attempt.by, principal: whom.value.principal };
  const resource = targetOf(policy, command.targets);
  if (resource === undefined) return err({ code: 'target_unknown' });
  const ask = askOf(deps, command, whom.value.principal, resource);
  if (!ask.ok) return ask;
  const wish = wishOf(command, whom.value.startedBy);
  const noted = (refusal: Refusal): void => void attempt.noted.add(refusal);
  const found = await findOrOpen(deps, ask.value, wish, policy, attempt.by, noted);
  if (found === undefined || !found.ok) return found;
  const waiting = {
    client,
    principal: whom.value.principal,
    ...(command.jkt === undefined ? {} : { jkt: command.jkt }),
    paceOf: '',
    extent: found.value.extent,
    uses: usesOf(deps.hashing, whom.value.once, resource),
    madeRequest: found.value.madeRequest,
  };
  return ok(await handOut(deps, waiting, 'auth_req_id', found.value.on));
}

interface Whom {
  readonly principal: Principal;
  readonly once?: SingleUse;
  readonly startedBy?: PersonId;
}

async function hinted(
  deps: StartBackchannelDeps,
  hint: Hint,
  client: Client,
  policy: Policy,
): Promise<Result<Whom, Refusal>> {
  if (hint.kind === 'token') return tokenHint(deps, hint.token, policy);
  // Who may be named by anybody could be made to page people by anybody.
  if (client.auth === 'none') return err({ code: 'malformed', what: 'login_hint needs a client that authenticates' });
  return isInForce(policy, hint.principal)
    ? ok({ principal: hint.principal })
    : err({ code: 'hint_unknown', why: 'not_in_directory' });
}

async function tokenHint(deps: StartBackchannelDeps, token: string, policy: Policy): Promise<Result<Whom, Refusal>> {
  const verified = await deps.verifier.verify(token, policy, deps.clock.now());
  if (verified.ok) {
    const { principal, startedBy, actors } = verified.value;
    if (actors.length > 0) return err({ code: 'hint_unknown', why: 'act' });
    return ok({ principal, ...singleUse(verified.value), ...(startedBy === undefined ? {} : { startedBy }) });
  }
  const { why } = verified.error;
  return err(why === EXPIRED ? { code: 'hint_expired' } : { code: 'hint_unknown', why });
}

function askOf(
  { details: checker }: StartBackchannelDeps,
  { scopes, details }: StartBackchannelCommand,
  subject: Principal,
  resource: Resource,
) {
  const checked = details === undefined ? undefined : checker.check(resource, details);
  if (details !== undefined && checked === undefined) return err({ code: 'details_not_covered' } as const);
  return ok({ subject, resource, scopes, ...(checked === undefined ? {} : { details: checked }), deferred: true });
}

function wishOf(command: StartBackchannelCommand, startedBy: PersonId | undefined) {
  const { client, reason, bindingMessage, requestedDuration, requestedExpiry } = command;
  const words = reason ?? bindingMessage;
  return {
    clientId: client.id,
    ...(words === undefined ? {} : { reason: words }),
    ...(bindingMessage === undefined ? {} : { bindingMessage }),
    ...(requestedDuration === undefined ? {} : { requestedDuration }),
    ...(requestedExpiry === undefined ? {} : { pendingMax: requestedExpiry }),
    ...(startedBy === undefined ? {} : { startedBy }),
  };
}
