/** Owns the faults of the store: what is thrown when Postgres cannot answer, and when a row was tampered with. */

/** Why the store could not do it: stable words for log and readiness. */
export type StoreTrouble =
  | 'unreachable'
  | 'busy'
  | 'timeout'
  | 'conflict'
  | 'standby'
  | 'not_writable'
  | 'commit_unknown'
  | 'no_policy'
  | 'closed';

/**
 * The store did not do what was asked: 503 with `Retry-After` at the HTTP doors, "Nothing changed" in Slack, a retry in jobs.
 * After `commit_unknown` it may have been done; a repeated command then changes nothing more.
 */
export class StoreUnavailable extends Error {
  readonly trouble: StoreTrouble;
  /** Whether the same call may work in a moment, without anybody's help. */
  readonly retryable: boolean;
  constructor(trouble: StoreTrouble, options: { readonly retryable?: boolean; readonly cause?: unknown } = {}) {
    super(`the store is not available: ${trouble}`, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'StoreUnavailable';
    this.trouble = trouble;
    this.retryable = options.retryable ?? true;
  }
}

/** A stored row whose MAC does not match its content: never used, and an alarm was raised (I-25). */
export class TamperFound extends Error {
  readonly table: string;
  readonly rowId: string;
  constructor(table: string, rowId: string, what: 'mac_mismatch' | 'unknown_key') {
    super(`a row of ${table} is not what was written (${what}): ${rowId}`);
    this.name = 'TamperFound';
    this.table = table;
    this.rowId = rowId;
  }
}

/** A row that does not parse as what its table holds: a bug, or tampering that the MAC did not reach. */
export class RowUnreadable extends Error {
  constructor(what: string) {
    super(`a stored row does not parse: ${what}`);
    this.name = 'RowUnreadable';
  }
}

/** An error answered by the server, as far as we look at it. */
export interface ServerError extends Error {
  readonly code: string;
  readonly severity: string;
  readonly constraint?: string;
  readonly table?: string;
}

const SQLSTATE = /^[0-9A-Z]{5}$/;

/** The error as one the server answered, or undefined if it came from the connection or from us. */
export function serverError(error: unknown): ServerError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, severity } = error as Partial<ServerError>;
  return typeof code === 'string' && SQLSTATE.test(code) && typeof severity === 'string'
    ? (error as ServerError)
    : undefined;
}

/** Whether after this error nobody can say if a commit that was under way happened. */
export function leavesCommitUnknown(error: unknown): boolean {
  const server = serverError(error);
  return server === undefined || connectionEnded(server.code);
}

/** Whether the connection can be used again after this error: only when the server answered it and goes on. */
export function usableAfter(error: unknown): boolean {
  const server = serverError(error);
  return server !== undefined && !connectionEnded(server.code);
}

/** Whether the transaction may simply be run again: serialization failure, deadlock. */
export function isRerunnable(error: unknown): boolean {
  const code = serverError(error)?.code;
  return code === '40001' || code === '40P01';
}

/** Whether this is a unique violation of the named constraint. */
export function violates(error: unknown, constraint: string): boolean {
  const server = serverError(error);
  return server?.code === '23505' && server.constraint === constraint;
}

/** What trouble an error of the driver or the server means; undefined for a bug of ours. */
export function troubleOf(error: unknown): StoreTrouble | undefined {
  const server = serverError(error);
  if (server !== undefined) return troubleOfCode(server.code);
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && /^E[A-Z_]+$/.test(code)) return 'unreachable';
  return DRIVER_WORDS.find(([words]) => words.test(error.message))?.[1];
}

/** The driver has no codes of its own. */
const DRIVER_WORDS: readonly (readonly [RegExp, StoreTrouble])[] = [
  [/^timeout exceeded when trying to connect/, 'busy'],
  [/^Query read timeout/, 'timeout'],
  [/calling end on the pool|was closed and is not queryable/, 'closed'],
  [/^Connection terminated|connection error|not queryable|Client has/, 'unreachable'],
];

function troubleOfCode(code: string): StoreTrouble | undefined {
  if (connectionEnded(code)) return 'unreachable';
  if (code === '40001' || code === '40P01' || code === '55P03') return 'conflict';
  if (code === '57014') return 'timeout';
  if (code === '25006') return 'standby';
  if (code === '53300') return 'busy';
  // Disk full, out of memory, I/O error; no right to insert, no table: what must be written cannot be.
  if (/^(53|58|XX)/.test(code) || code === '42501' || code === '42P01') return 'not_writable';
  return undefined;
}

/** By code, not by severity, which the server may say in another language. */
function connectionEnded(code: string): boolean {
  return code.startsWith('08') || /^57P0[1-5]$/.test(code) || code === '25P03';
}
