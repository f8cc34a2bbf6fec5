/** Owns what the broker says about itself (RFC 8414): which endpoints there are, believed only of its own. */
import { err, ok, type Result } from '@sallyport/core';
import { z } from 'zod';
import { EXIT } from '../exit-codes.ts';
import { notSallyport, send, unreachable } from '../http.ts';
import type { Trouble } from '../trouble.ts';
import type { Forms } from './forms.ts';

const endpoint = z.string().max(2_000).optional();
const document = z.object({
  issuer: z.string(),
  token_endpoint: z.string().max(2_000),
  device_authorization_endpoint: endpoint,
  backchannel_authentication_endpoint: endpoint,
});

/** Endpoints; absent ones are not served. */
export interface Metadata {
  readonly tokenEndpoint: string;
  readonly deviceEndpoint: string | undefined;
  readonly backchannelEndpoint: string | undefined;
}

/** Reads the document. Its issuer must be the one asked (RFC 8414 section 3.3), its endpoints of the same origin: credentials go there. */
export async function readMetadata({ broker: { issuer }, signal }: Forms): Promise<Result<Metadata, Trouble>> {
  const answered = await send({ method: 'GET', url: `${issuer}/.well-known/openid-configuration`, signal });
  if (!answered.ok) return err(unreachable(issuer, answered.error));
  const parsed = document.safeParse(answered.value.body);
  if (answered.value.status !== 200 || !parsed.success) return err(notSallyport(issuer, answered.value));
  const { data } = parsed;
  const found: Metadata = {
    tokenEndpoint: data.token_endpoint,
    deviceEndpoint: data.device_authorization_endpoint,
    backchannelEndpoint: data.backchannel_authentication_endpoint,
  };
  const isOurs = Object.values(found).every((url) => url === undefined || isOf(issuer, url));
  return data.issuer === issuer && isOurs ? ok(found) : err(stranger(issuer));
}

/** That the broker does not offer a way of asking. */
export function notServed(what: string): Trouble {
  return {
    exit: EXIT.configuration,
    code: 'not_served',
    message: `this broker does not serve ${what}`,
    next: 'Leave --via out, and give a token of a trusted issuer in SALLYPORT_TOKEN.',
  };
}

function isOf(issuer: string, url: string): boolean {
  return URL.canParse(url) && new URL(url).origin === new URL(issuer).origin;
}

function stranger(issuer: string): Trouble {
  return {
    exit: EXIT.configuration,
    code: 'other_issuer',
    message: `what answers at ${issuer} says it is another issuer, or sends elsewhere`,
    next: 'Set SALLYPORT_ISSUER to the address the broker has for itself, letter by letter.',
  };
}
