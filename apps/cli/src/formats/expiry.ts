/** Reads from a token when it ends. It is not verified: the broker just gave it, and only caches of clients go by it. */
import { z } from 'zod';

const claims = z.object({ exp: z.number().int().min(0).max(8_640_000_000_000) });

/** `exp` in seconds since 1970; undefined when the token does not say. */
export function expirySecondsOf(token: string): number | undefined {
  const [, payload = ''] = token.split('.');
  try {
    return claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))).exp;
  } catch {
    return undefined;
  }
}
