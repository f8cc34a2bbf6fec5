/** The last step to a federation token: an access token of the broker's, that was waited for, is exchanged for one. */
import type { Forms } from '../oauth/forms.ts';
import { GRANT_TYPE, TOKEN_TYPE } from '../oauth/names.ts';
import type { IssuedToken } from '../oauth/token-answer.ts';
import { requestToken } from '../oauth/token-request.ts';
import type { TokenAsk, Way } from './way.ts';

/** Asks for the same target and the same scopes, as the same client: the broker gives nothing wider for a token of its own. */
export function federateWay(forms: Forms, { audience }: TokenAsk, token: IssuedToken): Way {
  const begin: Way['begin'] = () =>
    requestToken(forms, `${forms.broker.issuer}/oauth/token`, {
      grant_type: GRANT_TYPE.exchange,
      subject_token: token.access_token,
      subject_token_type: TOKEN_TYPE.accessToken,
      audience,
      requested_token_type: TOKEN_TYPE.jwt,
    });
  return { joins: true, begin, poll: begin };
}
