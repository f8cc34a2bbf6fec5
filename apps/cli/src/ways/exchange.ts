/** The usual way: a token exchange (RFC 8693) with the caller's token, deferred if people have to decide. */
import type { Credential } from '../credentials/credential.ts';
import type { Forms } from '../oauth/forms.ts';
import { GRANT_TYPE, TOKEN_TYPE } from '../oauth/names.ts';
import { requestToken } from '../oauth/token-request.ts';
import type { TokenAsk, Way } from './way.ts';

/** A federation token comes at once or not at all: who may have to wait gets an access token. @param deferred whether people are asked, and a handle is wanted to wait with */
export function exchangeWay(forms: Forms, credential: Credential, ask: TokenAsk, deferred: boolean): Way {
  const endpoint = `${forms.broker.issuer}/oauth/token`;
  return {
    joins: true,
    handleType: TOKEN_TYPE.deferralCode,
    begin: async (requestId = ask.requestId) => {
      const subject = await credential.token();
      if (!subject.ok) return subject;
      return requestToken(forms, endpoint, {
        grant_type: GRANT_TYPE.exchange,
        subject_token: subject.value.reveal(),
        subject_token_type: TOKEN_TYPE.jwt,
        audience: ask.audience,
        scope: ask.scopes?.join(' '),
        request_id: requestId,
        reason: ask.reason,
        requested_duration: ask.duration,
        completion_mode: deferred ? 'deferred' : undefined,
        requested_token_type: ask.federate === true && !deferred ? TOKEN_TYPE.jwt : undefined,
      });
    },
    poll: (code, holdSeconds) =>
      requestToken(forms, endpoint, { grant_type: GRANT_TYPE.deferred, deferral_code: code }, holdSeconds),
  };
}
