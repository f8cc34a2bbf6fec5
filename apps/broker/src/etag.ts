/** Entity tags: whether an If-None-Match names the state at hand (RFC 9110 sections 8.8.3 and 13.1.2). */

const HEADER_LENGTH_MAX = 1_000;
/** An opaque tag, weak or not: a proxy that compresses makes ours weak. */
const TAG = /(?:W\/)?("[\x21\x23-\x7e]*")/g;

/** Whether `header` names `etag`, by the weak comparison; `*` names any. */
export function namesEtag(header: string, etag: string): boolean {
  if (header.trim() === '*') return true;
  return [...header.slice(0, HEADER_LENGTH_MAX).matchAll(TAG)].some(([, tag]) => tag === etag);
}
