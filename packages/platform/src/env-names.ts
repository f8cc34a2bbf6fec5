/** Owns the list of SALLYPORT_* variables of the public contract and the search for names that are not on it. */
import type { ConfigProblem } from './config-problems.ts';

const PREFIX = 'SALLYPORT_';

/** Every SALLYPORT_* name of the contract, section 3. Every program accepts all of them, also those it does not read. */
export const sallyportNames = [
  'SALLYPORT_ENV',
  'SALLYPORT_ISSUER',
  'SALLYPORT_BROKER_PORT',
  'SALLYPORT_SLACK_PORT',
  'SALLYPORT_WORKER_PORT',
  'SALLYPORT_HOST',
  'SALLYPORT_STANDIN_PORT',
  'SALLYPORT_DEMO_ISSUER_PORT',
  'SALLYPORT_STATE_DIR',
  'SALLYPORT_POLICY',
  'SALLYPORT_SIGNING_KEYS',
  'SALLYPORT_KEY_ENCRYPTION_KEY',
  'SALLYPORT_AUDIT_KEY',
  'SALLYPORT_ALLOW_HTTP_ISSUERS',
  'SALLYPORT_LOGIN_CLIENT_SECRET',
  'SALLYPORT_TOKEN',
  'SALLYPORT_CLIENT_ID',
] as const;

/** Those of them that are secrets, and so may be given as NAME_FILE. SALLYPORT_SIGNING_KEYS already is a path. */
const secretNames = [
  'SALLYPORT_KEY_ENCRYPTION_KEY',
  'SALLYPORT_AUDIT_KEY',
  'SALLYPORT_LOGIN_CLIENT_SECRET',
  'SALLYPORT_TOKEN',
] as const;

/** Names of the SALLYPORT_* family nobody knows, each with the nearest known one. `alsoKnown`: names the program's own schema has. */
export function unknownNames(given: Iterable<string>, alsoKnown: Iterable<string>): ConfigProblem[] {
  const known = new Set<string>([...sallyportNames, ...secretNames.map((n) => `${n}_FILE`), ...alsoKnown]);
  const problems: ConfigProblem[] = [];
  for (const name of given) {
    if (name.startsWith(PREFIX) && !known.has(name)) problems.push({ name, problem: advice(name, known) });
  }
  return problems;
}

function advice(name: string, known: ReadonlySet<string>): string {
  const path = name.replace(/_FILE$/, '');
  if (path !== name && known.has(path)) return `is not a setting: only secrets come as NAME_FILE; set ${path}`;
  const near = nearest(name, known);
  return near === undefined ? 'is not a setting: remove it' : `is not a setting: remove it, or did you mean ${near}?`;
}

function nearest(name: string, known: ReadonlySet<string>): string | undefined {
  const ranked = [...known].map((k) => ({ k, far: distance(name, k) })).sort((a, b) => a.far - b.far);
  const best = ranked[0];
  return best !== undefined && best.far <= 4 ? best.k : undefined;
}

/** Levenshtein distance of two short names. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
