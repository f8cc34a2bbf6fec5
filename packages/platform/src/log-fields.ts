/** Owns the list of what a log line may hold. What is not on it is dropped, at compile time and at run time. */
import { serializeError } from './log-error.ts';
import { logText } from './log-text.ts';

/** Everything a program may say in a log line, all optional. Never a token, a secret, a handle, free text of people. */
export interface LogFields {
  readonly requestId?: string;
  readonly decisionId?: string;
  readonly grantId?: string;
  /** The id of a token; the token itself is never logged. */
  readonly jti?: string;
  readonly clientId?: string;
  readonly traceId?: string;
  readonly eventId?: string;
  /** The pattern of a route (`/v1/access-requests/:id`), not the path that was asked. */
  readonly route?: string;
  readonly method?: string;
  readonly status?: number;
  readonly ms?: number;
  /** A stable code: of a refusal, an error, a signal. */
  readonly code?: string;
  readonly reason?: string;
  readonly state?: string;
  readonly verdict?: string;
  readonly revision?: number;
  readonly version?: string | number;
  readonly count?: number;
  readonly limit?: number;
  readonly bytes?: number;
  readonly attempt?: number;
  readonly channel?: string;
  readonly team?: string;
  /** A Slack user id. */
  readonly user?: string;
  /** A person's id of the policy. */
  readonly person?: string;
  /** `person:ID` or `workload:ID`. */
  readonly principal?: string;
  readonly workload?: string;
  readonly issuer?: string;
  readonly resource?: string;
  readonly role?: string;
  readonly rule?: string;
  readonly program?: string;
  readonly instance?: string;
  readonly part?: string;
  readonly signal?: string;
  readonly host?: string;
  readonly port?: number;
  /** Written without credentials, query and fragment. */
  readonly url?: string;
  readonly file?: string;
  readonly line?: number;
  readonly queue?: string;
  readonly job?: string;
  readonly outboxId?: string;
  readonly key?: string;
  readonly lane?: string;
  /** A short text written in the source, never one that came from outside. */
  readonly detail?: string;
  /** What was thrown; its stack is written at level `error` only. */
  readonly err?: unknown;
}

type Writer = (value: unknown, withStack: boolean) => unknown;

const ID_CHARACTERS_MAX = 160;
const DETAIL_CHARACTERS_MAX = 300;

const text: Writer = (value) => (typeof value === 'string' ? logText(value, ID_CHARACTERS_MAX) : undefined);
const longText: Writer = (value) => (typeof value === 'string' ? logText(value, DETAIL_CHARACTERS_MAX) : undefined);
const number: Writer = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);
const textOrNumber: Writer = (value, stack) => text(value, stack) ?? number(value, stack);

/** Field -> the name in the line (snake_case, as everywhere outside the code) and how its value is written. */
const writers = {
  requestId: ['request_id', text],
  decisionId: ['decision_id', text],
  grantId: ['grant_id', text],
  jti: ['jti', text],
  clientId: ['client_id', text],
  traceId: ['trace_id', text],
  eventId: ['event_id', text],
  route: ['route', text],
  method: ['method', text],
  status: ['status', number],
  ms: ['ms', number],
  code: ['code', text],
  reason: ['reason', text],
  state: ['state', text],
  verdict: ['verdict', text],
  revision: ['revision', number],
  version: ['version', textOrNumber],
  count: ['count', number],
  limit: ['limit', number],
  bytes: ['bytes', number],
  attempt: ['attempt', number],
  channel: ['channel', text],
  team: ['team', text],
  user: ['user', text],
  person: ['person', text],
  principal: ['principal', text],
  workload: ['workload', text],
  issuer: ['issuer', urlOrText],
  resource: ['resource', text],
  role: ['role', text],
  rule: ['rule', text],
  program: ['program', text],
  instance: ['instance', text],
  part: ['part', text],
  signal: ['signal', text],
  host: ['host', text],
  port: ['port', number],
  url: ['url', bareUrl],
  file: ['file', longText],
  line: ['line', number],
  queue: ['queue', text],
  job: ['job', text],
  outboxId: ['outbox_id', text],
  key: ['key', text],
  lane: ['lane', text],
  detail: ['detail', longText],
  err: ['err', serializeError],
} as const satisfies Record<keyof LogFields, readonly [string, Writer]>;

/** What comes first is kept when a line is too long. */
const inOrder = Object.entries(writers).map(([field, [name, write]]): [keyof LogFields, string, Writer] => [
  field as keyof LogFields,
  name,
  write,
]);

const FIELD_BYTES_MAX = 7_500;

/**
 * The fields as they stand in the line: allowed ones only, escaped, cut, together at most 7.5 kB.
 * What no longer fits is left out and `cut: true` says so.
 */
export function writeFields(fields: LogFields, withStack: boolean): Record<string, unknown> {
  const line: Record<string, unknown> = {};
  let bytes = 0;
  for (const [field, name, write] of inOrder) {
    if (fields[field] === undefined || !Object.hasOwn(fields, field)) continue;
    const value = write(fields[field], withStack);
    if (value === undefined) continue;
    bytes += name.length + Buffer.byteLength(JSON.stringify(value)) + 4;
    if (bytes > FIELD_BYTES_MAX) return { ...line, cut: true };
    line[name] = value;
  }
  return line;
}

function bareUrl(value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined;
  const { protocol, host, pathname } = new URL(value);
  return logText(`${protocol}//${host}${pathname}`, DETAIL_CHARACTERS_MAX);
}

/** An issuer is an identifier: a URL loses what may be secret in it, a name stays. */
function urlOrText(value: unknown, withStack: boolean): unknown {
  return bareUrl(value) ?? text(value, withStack);
}
