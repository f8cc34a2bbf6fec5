/** The way of CIBA: a start at the backchannel endpoint with the caller's token as hint, then polls (CIBA Core sections 7 and 11). */
import { err, ok, type Result } from '@sallyport/core';
import { z } from 'zod';
import type { Credential } from '../credentials/credential.ts';
import { type Answer, notSallyport } from '../http.ts';
import type { Forms } from '../oauth/forms.ts';
import { type Metadata, notServed } from '../oauth/metadata.ts';
import { GRANT_TYPE } from '../oauth/names.ts';
import { readRefusal, type Waiting } from '../oauth/token-answer.ts';
import { requestToken } from '../oauth/token-request.ts';
import type { Trouble } from '../trouble.ts';
import type { TokenAsk, Way } from './way.ts';

const begun = z.object({
  auth_req_id: z.string().regex(/^[\x21-\x7e]{1,4000}$/),
  expires_in: z.number().positive(),
  interval: z.number().positive().max(300).optional(),
  request_id: z.string().max(200).optional(),
});

/** Trouble `not_served` when the broker has no such endpoint. */
export function backchannelWay(
  forms: Forms,
  { backchannelEndpoint, tokenEndpoint }: Metadata,
  credential: Credential,
  ask: TokenAsk,
): Result<Way, Trouble> {
  if (backchannelEndpoint === undefined) return err(notServed('backchannel requests (CIBA)'));
  const { issuer } = forms.broker;
  return ok({
    joins: false,
    begin: async () => {
      const subject = await credential.token();
      if (!subject.ok) return subject;
      const answered = await forms.post(backchannelEndpoint, {
        login_hint_token: subject.value.reveal(),
        audience: ask.audience,
        scope: ask.scopes?.join(' '),
        reason: ask.reason,
        requested_duration: ask.duration,
      });
      return answered.ok ? readBegun(issuer, answered.value) : answered;
    },
    poll: (code, holdSeconds) =>
      requestToken(forms, tokenEndpoint, { grant_type: GRANT_TYPE.backchannel, auth_req_id: code }, holdSeconds),
  });
}

function readBegun(issuer: string, answer: Answer): Result<Waiting, Trouble> {
  if (answer.status !== 200) return err(readRefusal(issuer, answer));
  const parsed = begun.safeParse(answer.body);
  if (!parsed.success) return err(notSallyport(issuer, answer));
  const { auth_req_id: code, expires_in: secondsLeft, interval, request_id: requestId } = parsed.data;
  return ok({
    kind: 'pending',
    handle: { code, secondsLeft },
    ...(interval === undefined ? {} : { intervalSeconds: interval }),
    ...(requestId === undefined ? {} : { requestId }),
  });
}
