/** Where a request came from, for the trail. */
import type { FastifyRequest } from 'fastify';

/** The address a request came from; forwarded headers are not believed. */
export function addressOf(request: FastifyRequest): { readonly address?: string } {
  return request.ip === '' ? {} : { address: request.ip };
}
