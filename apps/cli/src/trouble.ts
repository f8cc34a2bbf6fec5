/** Trouble: why a command cannot do what it was asked, as a value; and which exit code each "no" of the broker has. */
import type { RefusalCode } from '@sallyport/core';
import { EXIT, type ExitCode } from './exit-codes.ts';

export interface Trouble {
  readonly exit: ExitCode;
  /** One stable word: the broker's code, or one of ours (`unreachable`, `unavailable`, `pending`). */
  readonly code: string;
  /** One sentence. */
  readonly message: string;
  /** What to do next. */
  readonly next?: string;
  /** The same call may work after so many seconds; absent: it will not. */
  readonly retryAfterSeconds?: number;
}

const { denied, expired, nobodyCanApprove, notAllowed, pending, unreachable, usage } = EXIT;

/** The exit code of every refusal of the REST door; `request_closed` and `grant_ended` also say how. */
const EXIT_OF = {
  request_unknown: notAllowed,
  request_closed: notAllowed,
  stale_revision: notAllowed,
  own_request: notAllowed,
  not_an_approver: notAllowed,
  already_decided: notAllowed,
  step_up_required: notAllowed,
  identity_rejected: notAllowed,
  policy_forbids: notAllowed,
  nobody_can_approve: nobodyCanApprove,
  malformed: usage,
  duration_too_long: usage,
  justification_too_short: usage,
  target_unknown: notAllowed,
  scope_not_covered: notAllowed,
  details_not_covered: notAllowed,
  subject_token_rejected: notAllowed,
  actor_token_rejected: notAllowed,
  replayed: notAllowed,
  proof_rejected: notAllowed,
  client_rejected: EXIT.configuration,
  client_not_allowed: notAllowed,
  grant_type_unknown: notAllowed,
  approval_required: notAllowed,
  approval_pending: pending,
  proof_required: usage,
  nonce_required: usage,
  hint_unknown: usage,
  hint_expired: usage,
  binding_message_rejected: usage,
  polled_too_soon: pending,
  handle_unknown: notAllowed,
  handle_expired: expired,
  grant_ended: denied,
  key_reused: usage,
  too_many: unreachable,
} as const satisfies Record<RefusalCode, ExitCode>;

const NEXT_OF: Readonly<Partial<Record<RefusalCode, string>>> = {
  request_unknown: 'Check the id, and whose token SALLYPORT_TOKEN is: what is not yours to see does not exist for you.',
  stale_revision: 'Run the command again without --revision to see what is asked now, then decide.',
  own_request: 'Somebody else has to decide it.',
  policy_forbids: 'See why: sallyport policy explain <path> --subject … --resource … --role …',
  target_unknown: 'Check --resource and --role against the policy.',
  subject_token_rejected: 'Put a fresh one into SALLYPORT_TOKEN, or into the file SALLYPORT_TOKEN_FILE names.',
  too_many: 'Wait a little, or cancel what is open: sallyport list.',
};

/** What a closed request means for whoever asked. An approved one is closed too: only deciding it is no longer possible. */
const EXIT_OF_STATE: Readonly<Record<string, ExitCode>> = { denied, canceled: denied, expired };

/** A problem document of the REST door, as far as we look at it. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail?: string | undefined;
  readonly state?: string | undefined;
  readonly how?: string | undefined;
  /** Which member of what was sent is meant. */
  readonly path?: string | undefined;
  /** The first condition of the policy that was not met, and about what. */
  readonly check?: string | undefined;
  readonly about?: string | undefined;
  readonly traceId?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** The trouble a problem document is. Codes we do not know are judged by their status. */
export function troubleOfProblem(problem: Problem): Trouble {
  const { code, retryAfterSeconds } = problem;
  const next = nextOf(problem);
  return {
    exit: exitOfProblem(problem),
    code,
    message: messageOf(problem),
    ...(next === undefined ? {} : { next }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

/** `Not understood: must be a duration like 30m (duration)`, `No rule allows this (role_exists: admin)`. */
function messageOf({ title, detail, path, check, about }: Problem): string {
  const said = detail === undefined ? title : `${title}: ${detail}`;
  const where = [path, check === undefined || about === undefined ? check : `${check}: ${about}`];
  const known = where.filter((one) => one !== undefined).join(', ');
  return known === '' ? said : `${said} (${known})`;
}

function nextOf({ code, status, traceId }: Problem): string | undefined {
  if (status >= 500 && status !== 503 && traceId !== undefined) return `The broker's log has it under ${traceId}.`;
  return isRefusalCode(code) ? NEXT_OF[code] : undefined;
}

function exitOfProblem({ code, status, state, how }: Problem): ExitCode {
  if (code === 'request_closed') return EXIT_OF_STATE[state ?? ''] ?? notAllowed;
  if (code === 'grant_ended') return how === 'over' ? expired : denied;
  return isRefusalCode(code) ? EXIT_OF[code] : exitOfStatus(status);
}

function exitOfStatus(status: number): ExitCode {
  if (status === 429 || status === 502 || status === 503 || status === 504) return unreachable;
  if (status >= 500) return EXIT.bug;
  return status === 400 || status === 422 ? usage : notAllowed;
}

function isRefusalCode(code: string): code is RefusalCode {
  return Object.hasOwn(EXIT_OF, code);
}

/** An error of the OAuth endpoints (RFC 6749 section 5.2), waiting ones excepted. */
export interface OAuthError {
  readonly status: number;
  readonly error: string;
  readonly description: string;
  readonly retryAfterSeconds?: number | undefined;
}

/** `access_denied` says in one word how it came to that. */
const DENIALS: Readonly<Record<string, readonly [ExitCode, string, string?]>> = {
  approval_required: [
    notAllowed,
    'this needs approval, and nobody has been asked',
    'Add --wait 10m to ask and wait, or ask first: sallyport request --help.',
  ],
  denied: [denied, 'an approver denied this'],
  canceled: [denied, 'the request was canceled'],
  revoked: [denied, 'the access was ended early', 'Ask again if it is still needed.'],
  grant_over: [expired, 'the access is over', 'Ask again if it is still needed.'],
  no_longer_allowed: [notAllowed, 'no rule of the policy allows this any longer'],
  no_approver: [nobodyCanApprove, 'nobody could approve this', 'Ask whoever keeps the policy.'],
};

const OAUTH: Readonly<Record<string, readonly [ExitCode, string, string?]>> = {
  expired_token: [expired, 'nobody decided in time', 'Ask again if it is still needed.'],
  invalid_target: [notAllowed, 'no such audience, or nothing there for this subject', 'Check --audience.'],
  invalid_scope: [notAllowed, 'the scope is unknown there, or more than was granted', 'Check --scope.'],
  invalid_grant: [notAllowed, 'what was waited with is no longer good: used, or unknown', 'Run the command again.'],
  invalid_client: [EXIT.configuration, 'the broker does not know this client', 'Check SALLYPORT_CLIENT_ID.'],
  unauthorized_client: [
    notAllowed,
    'this client may not exchange tokens',
    "Check the client's grant_types in the policy.",
  ],
  unknown_user_id: [notAllowed, 'the broker does not know whom this is for', 'Check whose token it is.'],
  unsupported_grant_type: [EXIT.configuration, 'that broker does not serve this grant type', 'Check SALLYPORT_ISSUER.'],
};

/** The trouble an OAuth error is. */
export function troubleOfOAuth({ status, error, description, retryAfterSeconds }: OAuthError): Trouble {
  if (retryAfterSeconds !== undefined || status === 503 || status === 429) {
    const seconds = retryAfterSeconds ?? (status === 429 ? 5 : 1);
    return {
      exit: unreachable,
      code: error,
      message: status === 429 ? 'the broker is asked too often' : 'the broker cannot answer right now',
      next: `Try again in ${seconds} s.`,
      retryAfterSeconds: seconds,
    };
  }
  const known = error === 'access_denied' ? DENIALS[description] : OAUTH[error];
  if (known === undefined) return unknownOAuth(status, error, description);
  const [exit, message, next] = known;
  return {
    exit,
    code: error === 'access_denied' ? description : error,
    message,
    ...(next === undefined ? {} : { next }),
  };
}

/** `invalid_request` is about the subject token (RFC 8693 section 2.2.2) or about a parameter. */
function unknownOAuth(status: number, error: string, description: string): Trouble {
  if (error === 'invalid_request' && description.startsWith('token_rejected')) {
    return {
      exit: notAllowed,
      code: 'token_rejected',
      message: `the subject token was not accepted (${description})`,
      next: "It has to be fresh, of an issuer the policy names, for the audience it names there; the broker's log has the reason under that id.",
    };
  }
  const exit = error === 'access_denied' ? notAllowed : exitOfStatus(status);
  return { exit, code: error, message: description === '' ? error : `${error}: ${description}` };
}
