/** Opens and closes the private half of a key in a key file: plain, or wrapped under the key-encryption key. */
import { err, ok, type Result } from '@sallyport/core';
import { type Secret, secret } from '@sallyport/platform';
import type { JwkMembers, KeyEntry, KeyFile, PrivateHalf } from './key-file.ts';
import type { KeyWrapping } from './key-wrapping.ts';
import { parseStrictJson } from './strict-json.ts';

/** Closes a private JWK for a file: wrapped if there is what to wrap it with, else plain. */
export async function closeHalf(jwk: JwkMembers, wrapping: KeyWrapping | undefined): Promise<PrivateHalf> {
  if (wrapping === undefined) return { kind: 'plain', jwk: secret(jwk) };
  return { kind: 'wrapped', text: await wrapping.wrap(Buffer.from(JSON.stringify(jwk), 'utf8')) };
}

/**
 * The private JWK of a key, or undefined for a public half alone.
 * Refused when it is wrapped and there is no key to unwrap it with, or another one; and when it is the half of another key.
 */
export async function openHalf(
  { kid, alg, publicJwk, privateHalf: half }: KeyEntry,
  wrapping: KeyWrapping | undefined,
): Promise<Result<Secret<JwkMembers> | undefined, string>> {
  if (half === undefined) return ok(undefined);
  if (half.kind === 'plain') return ok(half.jwk);
  if (wrapping === undefined) return err('encrypted, and SALLYPORT_KEY_ENCRYPTION_KEY is not set');
  const plain = await wrapping.unwrap(half.text);
  if (plain === undefined) return err('encrypted under another SALLYPORT_KEY_ENCRYPTION_KEY, or damaged');
  const jwk = parseStrictJson(Buffer.from(plain).toString('utf8'));
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return err('encrypted, but not a key');
  const expected = { ...publicJwk, kid, alg };
  const same = Object.entries(expected).every(([name, value]) => Reflect.get(jwk, name) === value);
  return same ? ok(secret({ ...jwk })) : err('its encrypted half is of another key');
}

/**
 * Closes every private half of a file anew: under `to`, or plain without it.
 * @param from opens what is wrapped under another key than `to`
 * @returns the file, and the kids of the keys that were closed anew; or the problems, by kid
 */
export async function recloseHalves(
  file: KeyFile,
  from: readonly KeyWrapping[],
  to: KeyWrapping | undefined,
): Promise<Result<{ readonly file: KeyFile; readonly kids: readonly string[] }, readonly string[]>> {
  const keys: KeyEntry[] = [];
  const kids: string[] = [];
  const problems: string[] = [];
  for (const key of file.keys) {
    if (key.privateHalf === undefined || (await isClosedAs(key, to))) {
      keys.push(key);
      continue;
    }
    const half = await openWithAny(key, from);
    if (!half.ok) problems.push(`${key.kid}: ${half.error}`);
    else if (half.value !== undefined) {
      keys.push({ ...key, privateHalf: await closeHalf(half.value.reveal(), to) });
      kids.push(key.kid);
    }
  }
  return problems.length > 0 ? err(problems) : ok({ file: { ...file, keys }, kids });
}

async function isClosedAs(key: KeyEntry, to: KeyWrapping | undefined): Promise<boolean> {
  if (to === undefined) return key.privateHalf?.kind === 'plain';
  return key.privateHalf?.kind === 'wrapped' && (await openHalf(key, to)).ok;
}

async function openWithAny(key: KeyEntry, from: readonly KeyWrapping[]) {
  let opened = await openHalf(key, undefined);
  for (const wrapping of from) {
    if (!opened.ok) opened = await openHalf(key, wrapping);
  }
  return opened;
}
