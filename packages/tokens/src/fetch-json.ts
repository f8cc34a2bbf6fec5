/** Fetches a JSON document from an issuer: from an address that was checked, without redirects, bounded in time and size. */
import type { IncomingMessage } from 'node:http';
import { err, type Json, ok, type Result } from '@sallyport/core';
import { pinnedRequest, type RequestDeps, readBounded } from './pinned-request.ts';
import { parseStrictJson } from './strict-json.ts';

/** For the log only. */
export type FetchProblem = 'insecure_url' | 'address' | 'unreachable' | 'status' | 'too_large' | 'not_json';

/** GETs a document. Whatever goes wrong is a value: an issuer that is down is no bug of ours. */
export async function fetchJson(url: string, deps: RequestDeps): Promise<Result<Json, FetchProblem>> {
  try {
    const response = await pinnedRequest(url, { method: 'GET', headers: { accept: 'application/json' } }, deps);
    return response.ok ? await read(response.value) : response;
  } catch {
    return err('unreachable');
  }
}

async function read(response: IncomingMessage): Promise<Result<Json, FetchProblem>> {
  if (response.statusCode !== 200) {
    response.destroy();
    return err('status');
  }
  const body = await readBounded(response);
  if (body === undefined) return err('too_large');
  const document = parseStrictJson(body);
  return document === undefined ? err('not_json') : ok(document);
}
