/** What a fresh sign-in is made for: the approval of one ask, whole. Kept sealed, while somebody is away and then in their session. */
import { type AccessRequest, type Digest, parseDigest, parseRequestId, type RequestId } from '@sallyport/core';
import { z } from 'zod';

export const purposeShape = z.strictObject({
  request: z.string().transform((text, ctx) => known<RequestId>(parseRequestId(text), ctx)),
  revision: z.number(),
  digest: z.string().transform((text, ctx) => known<Digest>(parseDigest(text), ctx)),
});

export type SignInPurpose = z.output<typeof purposeShape>;

/** The purpose of a sign-in that shall confirm the approval of this ask. */
export function purposeOf({ id, revision, digest }: AccessRequest): SignInPurpose {
  return { request: id, revision, digest };
}

function known<T>(value: T | undefined, ctx: z.RefinementCtx): T {
  if (value !== undefined) return value;
  ctx.addIssue({ code: 'custom', message: 'not of ours' });
  return z.NEVER;
}
