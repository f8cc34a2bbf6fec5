/** Owns what goes wrong with Postgres under the command line: an outage and a wrong setting as trouble, a bug stays a throw. */
import { errorCode, isError } from '@sallyport/platform';
import { EXIT } from './exit-codes.ts';
import type { Trouble } from './trouble.ts';

const OUTAGE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EPIPE',
]);
/** SQLSTATE classes and codes (PostgreSQL, appendix A) that mean: not now. */
const NOT_NOW = /^(?:08|53|57P0[123]|57014|55P03|40)/;
/** The driver has no codes for these. */
const DRIVER_OUTAGE = /^(?:timeout exceeded when trying to connect|Connection terminated|Query read timeout)/;

/** The trouble an error of the driver or the server is; undefined for a bug. */
export function databaseTrouble(thrown: unknown): Trouble | undefined {
  if (!isError(thrown)) return undefined;
  const code = errorCode(thrown) ?? '';
  if (OUTAGE.has(code) || NOT_NOW.test(code) || DRIVER_OUTAGE.test(thrown.message)) {
    return {
      exit: EXIT.unreachable,
      code: 'database_unreachable',
      message: `Postgres does not answer (${code === '' ? thrown.message : code})`,
      next: 'Is it running, and is DATABASE_URL its address? `sallyport doctor` looks closer.',
    };
  }
  const wrong = wrongSetting(code, thrown.message);
  return wrong === undefined ? undefined : { exit: EXIT.configuration, code: 'database_setting', ...wrong };
}

function wrongSetting(code: string, said: string): Pick<Trouble, 'message' | 'next'> | undefined {
  if (code.startsWith('28')) return { message: `Postgres refuses this user: ${said}`, next: 'Check DATABASE_URL.' };
  if (code === '3D000') return { message: said, next: 'Check DATABASE_URL, or create the database first.' };
  if (code === '42501') return { message: `this user may not do that: ${said}`, next: 'Use a user with more rights.' };
  if (code === '42P01' || code === '42703') {
    return { message: `the database lacks what is read here: ${said}`, next: 'Run: sallyport migrate' };
  }
  if (code === '25006') return { message: 'this Postgres is a standby', next: 'Set DATABASE_URL to the primary.' };
  if (code === 'ERR_INVALID_URL')
    return { message: 'DATABASE_URL is not an address', next: 'Write it as postgres://…' };
  return undefined;
}
