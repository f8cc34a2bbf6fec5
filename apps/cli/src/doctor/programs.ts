/** The doctor's look at what runs: /readyz of the three programs, and the broker's public keys. */
import { z } from 'zod';
import { send } from '../http.ts';
import { type Finding, fine, wrong } from './finding.ts';

const START = 'Start everything with npm start, or only this program.';
const notReady = z.object({ missing: z.record(z.string(), z.string()) });
const jwks = z.object({
  keys: z
    .array(z.looseObject({ kty: z.string(), kid: z.string(), alg: z.string(), use: z.literal('sig') }))
    .min(1)
    .max(16),
});
/** Members of a JWK that are secret (RFC 7518 section 6). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** Asks a program whether it can do its job. */
export async function programFinding(name: string, listensOn: string, port: number): Promise<Finding> {
  const origin = originOf(listensOn, port);
  const answered = await send({ method: 'GET', url: `${origin}/readyz` });
  if (!answered.ok) return wrong(name, `no answer at ${origin}: ${answered.error}`, START);
  if (answered.value.status === 200) return fine(name, `ready at ${origin}`);
  const told = notReady.safeParse(answered.value.body);
  if (!told.success) return wrong(name, `something else answers at ${origin}`, 'Free the port, or choose another one.');
  const missing = Object.entries(told.data.missing).map(([what, why]) => `${what} (${why})`);
  return wrong(
    name,
    `not ready at ${origin}: ${missing.join(', ')}`,
    'Mend what is missing; it becomes ready by itself.',
  );
}

/** Reads the broker's public keys as a resource server would. */
export async function jwksFinding(issuer: string): Promise<Finding> {
  const address = `${issuer}/oauth/jwks`;
  const answered = await send({ method: 'GET', url: address });
  if (!answered.ok) return wrong('jwks', `no answer at ${address}: ${answered.error}`, START);
  const parsed = jwks.safeParse(answered.value.body);
  if (!parsed.success || answered.value.status !== 200) {
    return wrong('jwks', `what ${address} answers is no set of public keys`, 'Check SALLYPORT_ISSUER.');
  }
  const { keys } = parsed.data;
  const leaked = keys.find((key) => PRIVATE_MEMBERS.some((member) => Object.hasOwn(key, member)));
  if (leaked !== undefined) {
    return wrong(
      'jwks',
      `key ${leaked.kid} is published with its private half`,
      'Stop the broker and replace that key.',
    );
  }
  return fine(
    'jwks',
    `${keys.length} public ${keys.length === 1 ? 'key' : 'keys'}: ${keys.map((key) => key.alg).join(', ')}`,
  );
}

/** Where a program that listens there is asked, without a trailing slash. */
export function originOf(listensOn: string, port: number): string {
  return `http://${addressOf(listensOn)}:${port}`;
}

/** The address to ask: a wildcard is asked on loopback. */
function addressOf(listensOn: string): string {
  if (listensOn === '0.0.0.0') return '127.0.0.1';
  if (listensOn === '::') return '[::1]';
  return listensOn.includes(':') ? `[${listensOn}]` : listensOn;
}
