/** Token Status Lists: one signed, compressed list of bits for many tokens, fetched again when its time is over. */
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import type { Clock } from '../clock.ts';
import { ask, HttpProblem, membersOf } from '../http.ts';
import { isUnderIssuer } from '../issuer-documents.ts';
import type { IssuerKeys } from '../issuer-keys.ts';
import { openSigned } from '../signed-jwt.ts';

/** The bits of one list. */
export interface StatusList {
  readonly bits: 1 | 2 | 4 | 8;
  readonly bytes: Uint8Array;
  /** Until when it may be used, by the monotonic clock. */
  readonly usableUntilMs: number;
}

export interface StatusListDeps {
  readonly issuer: string;
  readonly keys: IssuerKeys;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

const FETCH_TIMEOUT_MS = 5_000;
const TOKEN_LENGTH_MAX = 1_024 * 1_024;
const INFLATED_BYTES_MAX = 4 * 1_024 * 1_024;
const TTL_DEFAULT_SECONDS = 30;
/** However long a list claims to be good for. */
const TTL_SECONDS_MAX = 300;

const inflateAsync = promisify(inflate);

/**
 * Fetches a list: a `statuslist+jwt` of our issuer about exactly this address, not expired.
 * @throws HttpProblem when there is none, Outage when the issuer's keys cannot be had
 */
export async function fetchStatusList(uri: string, deps: StatusListDeps): Promise<StatusList> {
  const { issuer, keys, clock } = deps;
  if (!isUnderIssuer(issuer, uri)) throw new HttpProblem('a status list of somebody else');
  const askedAt = clock.monotonicMs();
  const { text } = await ask(deps.fetch, uri, {
    headers: { accept: 'application/statuslist+jwt' },
    timeoutMs: FETCH_TIMEOUT_MS,
    bodyBytesMax: TOKEN_LENGTH_MAX,
  });
  const payload = await openSigned(text.trim(), keys.findForIssuer, {
    subject: uri,
    typ: 'statuslist+jwt',
    requiredClaims: ['iat', 'status_list'],
    lengthMax: TOKEN_LENGTH_MAX,
    currentDate: new Date(clock.nowMs()),
  });
  // The issuer's keys signed it; drafts differ on whether it says so itself.
  if (typeof payload === 'string' || (payload.iss ?? issuer) !== issuer)
    throw new HttpProblem('not a status list of the issuer', 200);
  const list = await listIn(payload.status_list);
  const restMs = payload.exp === undefined ? Number.POSITIVE_INFINITY : payload.exp * 1_000 - clock.nowMs();
  return { ...list, usableUntilMs: askedAt + Math.min(restMs, ttlSecondsIn(payload.ttl) * 1_000) };
}

/** The status at a place: 0 is valid. Undefined beyond the end. */
export function statusAt({ bits, bytes }: StatusList, index: number): number | undefined {
  const perByte = 8 / bits;
  const byte = bytes[Math.floor(index / perByte)];
  return byte === undefined ? undefined : (byte >> ((index % perByte) * bits)) & (2 ** bits - 1);
}

async function listIn(value: unknown): Promise<Pick<StatusList, 'bits' | 'bytes'>> {
  const { bits, lst } = membersOf(value) ?? {};
  if (!(bits === 1 || bits === 2 || bits === 4 || bits === 8) || typeof lst !== 'string')
    throw new HttpProblem('a status list without bits', 200);
  try {
    const bytes = await inflateAsync(Buffer.from(lst, 'base64url'), { maxOutputLength: INFLATED_BYTES_MAX });
    return { bits, bytes };
  } catch (cause) {
    throw new HttpProblem('a status list that does not inflate, or too far', 200, { cause });
  }
}

function ttlSecondsIn(ttl: unknown): number {
  return typeof ttl === 'number' && ttl > 0 ? Math.min(ttl, TTL_SECONDS_MAX) : TTL_DEFAULT_SECONDS;
}
