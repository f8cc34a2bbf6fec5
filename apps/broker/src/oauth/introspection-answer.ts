/** An introspection answer in the form the caller takes: JSON (RFC 7662), or a signed JWT (RFC 9701). */
import type { Client, Instant } from '@sallyport/core';
import { INTROSPECTION_JWT_TYPE, type IntrospectionSigner } from '@sallyport/tokens';
import type { FastifyReply } from 'fastify';
import { noStoreHeaders, sendOAuth } from './oauth-error.ts';

const MEDIA_TYPE = `application/${INTROSPECTION_JWT_TYPE}`;

/** Sends it. Without a key for signed answers it is JSON, as the metadata says. */
export async function sendIntrospection(
  reply: FastifyReply,
  members: object,
  { client, now, signer }: { readonly client: Client; readonly now: Instant; readonly signer: IntrospectionSigner },
): Promise<FastifyReply> {
  if (!wantsJwt(reply.request.headers.accept) || !signer.canSign()) return sendOAuth(reply, 200, members);
  const jwt = await signer.sign(members, client.id, now);
  return reply
    .code(200)
    .headers({ ...noStoreHeaders, 'content-type': MEDIA_TYPE })
    .send(jwt);
}

/** Whether the type is among those the Accept header names (section 4). */
function wantsJwt(accept = ''): boolean {
  return accept.split(',').some((range) => range.split(';')[0]?.trim().toLowerCase() === MEDIA_TYPE);
}
