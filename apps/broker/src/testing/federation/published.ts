/** What a relying system gets to see: metadata, keys and a token; and the first look every one of them takes. */
import { compactVerify, decodeProtectedHeader, importJWK, type JWK, type ProtectedHeaderParameters } from 'jose';
import { z } from 'zod';

export interface Published {
  readonly discovery: Readonly<Record<string, unknown>>;
  readonly jwks: { readonly keys: readonly JWK[] };
}

/** Registered claims as these systems read them; the others as they are. */
const claims = z.looseObject({
  iss: z.string(),
  sub: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
  iat: z.number().optional(),
  nbf: z.number().optional(),
});
export type Claims = z.output<typeof claims>;

export interface Seen {
  readonly header: ProtectedHeaderParameters;
  readonly claims: Claims;
}

/** A rule that is not kept. */
export class Broken extends Error {}

/** Says which rule is broken unless it is kept. */
export function rule(kept: boolean, what: string): asserts kept {
  if (!kept) throw new Broken(what);
}

/** Verifies the signature by the published key of the token's `kid`, by one of these algorithms. Throws Broken. */
export async function verified(token: string, { jwks }: Published, algorithms: readonly string[]): Promise<Seen> {
  const header = decodeProtectedHeader(token);
  const found = jwks.keys.filter((key) => key.kid !== undefined && key.kid === header.kid);
  rule(found.length === 1, 'one published key has the kid of the token');
  const [key] = found;
  rule(
    key !== undefined && key.use === 'sig' && key.alg === header.alg,
    'the key is for this algorithm, and for signatures',
  );
  rule(algorithms.includes(header.alg ?? ''), 'the algorithm is taken here');
  const { payload } = await compactVerify(token, await importJWK(key, header.alg)).catch(() => {
    throw new Broken('the signature verifies');
  });
  const parsed = claims.safeParse(JSON.parse(Buffer.from(payload).toString('utf8')));
  rule(parsed.success, 'iss, sub, aud and times are there, and of their kinds');
  return { header, claims: parsed.data };
}

/** `aud` as a list. */
export function audiencesOf({ aud }: Claims): readonly string[] {
  return typeof aud === 'string' ? [aud] : aud;
}
