/** The way of a laptop: the device flow (RFC 8628). A person signs in with a browser, on any machine, and this program polls. */
import { err, ok, type Result } from '@sallyport/core';
import { z } from 'zod';
import { type Answer, notSallyport } from '../http.ts';
import type { Forms } from '../oauth/forms.ts';
import { type Metadata, notServed } from '../oauth/metadata.ts';
import { GRANT_TYPE } from '../oauth/names.ts';
import { readRefusal } from '../oauth/token-answer.ts';
import { requestToken } from '../oauth/token-request.ts';
import type { Trouble } from '../trouble.ts';
import type { TokenAsk, Way } from './way.ts';

const page = z
  .string()
  .max(2_000)
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol));
/** RFC 8628 section 3.2. */
const begun = z.object({
  device_code: z.string().regex(/^[\x21-\x7e]{1,4000}$/),
  user_code: z.string().regex(/^[\x20-\x7e]{1,100}$/),
  verification_uri: page,
  verification_uri_complete: page.optional(),
  expires_in: z.number().positive(),
  interval: z.number().positive().max(300).optional(),
});

/** What a person needs to sign in. */
export interface SignIn {
  readonly page: string;
  readonly code: string;
  /** The page with the code in it already. */
  readonly shortcut?: string;
}

/** Trouble `not_served` when the broker has no such endpoint. @param show tells the person; the code is meant to be seen */
export function deviceWay(
  forms: Forms,
  { deviceEndpoint, tokenEndpoint }: Metadata,
  ask: TokenAsk,
  show: (signIn: SignIn) => void,
): Result<Way, Trouble> {
  if (deviceEndpoint === undefined) return err(notServed('signing in from a device'));
  const { issuer } = forms.broker;
  return ok({
    joins: false,
    opening: 'Waiting for you to sign in',
    begin: async () => {
      const answered = await forms.post(deviceEndpoint, {
        audience: ask.audience,
        scope: ask.scopes?.join(' '),
        reason: ask.reason,
        requested_duration: ask.duration,
      });
      if (!answered.ok) return answered;
      const started = readBegun(issuer, answered.value);
      if (!started.ok) return started;
      const { verification_uri: page, verification_uri_complete: shortcut, user_code: code, ...rest } = started.value;
      show({ page, code, ...(shortcut === undefined ? {} : { shortcut }) });
      const handle = { code: rest.device_code, secondsLeft: rest.expires_in };
      return ok({
        kind: 'pending',
        handle,
        ...(rest.interval === undefined ? {} : { intervalSeconds: rest.interval }),
      });
    },
    poll: (code, holdSeconds) =>
      requestToken(forms, tokenEndpoint, { grant_type: GRANT_TYPE.device, device_code: code }, holdSeconds),
  });
}

function readBegun(issuer: string, answer: Answer): Result<z.output<typeof begun>, Trouble> {
  if (answer.status !== 200) return err(readRefusal(issuer, answer));
  const parsed = begun.safeParse(answer.body);
  return parsed.success ? ok(parsed.data) : err(notSallyport(issuer, answer));
}
