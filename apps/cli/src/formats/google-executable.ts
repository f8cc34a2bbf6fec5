/** The answer of an executable that Google's libraries run for an external account (AIP-4117). */
import { TOKEN_TYPE } from '../oauth/names.ts';
import { expirySecondsOf } from './expiry.ts';

/** As JSON. A run that fails says so by its exit code alone. */
export function googleExecutable(token: string): string {
  const seconds = expirySecondsOf(token);
  return JSON.stringify({
    version: 1,
    success: true,
    token_type: TOKEN_TYPE.jwt,
    id_token: token,
    ...(seconds === undefined ? {} : { expiration_time: seconds }),
  });
}
