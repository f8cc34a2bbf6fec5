/** Row B17: every answer that real clients get is kept, and held to what docs/protocol.md says of all answers. */
import { expect } from '@jest/globals';

export interface Recorded {
  readonly path: string;
  /** How the caller authenticated: the scheme of its Authorization header. */
  readonly scheme: string | undefined;
  readonly response: Response;
  readonly text: string;
}

export interface Recorder {
  readonly answers: readonly Recorded[];
  /** A fetch that keeps what it got. */
  readonly fetch: (url: string, options: RequestInit) => Promise<Response>;
}

/** A recorder of what the server at this origin answers. */
export function makeRecorder(origin: string): Recorder {
  const answers: Recorded[] = [];
  return {
    answers,
    async fetch(url, options) {
      const response = await fetch(url, options);
      if (new URL(url).origin !== origin) return response;
      const scheme = new Headers(options.headers).get('authorization')?.split(' ')[0]?.toLowerCase();
      answers.push({ path: new URL(url).pathname, scheme, response, text: await response.clone().text() });
      return response;
    },
  };
}

const STATUSES = [200, 400, 401, 403, 405, 413, 429, 503];
/** RFC 6749 section 5.2: no quote, no backslash, nothing beyond ASCII. */
const SAFE = /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/;
const isPublic = (path: string): boolean => path.startsWith('/.well-known/') || path === '/oauth/jwks';

/** Holds one answer to the rules of its kind. */
export function expectAnswerFits({ path, scheme, response, text }: Recorded): void {
  const header = (name: string) => response.headers.get(name);
  expect([path, response.redirected, header('server'), header('x-powered-by')]).toEqual([path, false, null, null]);
  expect(header('x-content-type-options')).toBe('nosniff');
  expect(header('content-type')).toMatch(/^application\/(?:json|token-introspection\+jwt)(?:; charset=utf-8)?$/);
  if (isPublic(path)) expectPublic(response, text);
  else expectPrivate({ path, scheme, response, text });
}

function expectPrivate({ path, scheme, response, text }: Recorded): void {
  const header = (name: string) => response.headers.get(name);
  expect(STATUSES).toContain(response.status);
  expect([header('cache-control'), header('pragma')]).toEqual(['no-store', 'no-cache']);
  expect(header('access-control-allow-origin')).toBe(null);
  expect([path, header('www-authenticate')]).toEqual([
    path,
    response.status === 401 && scheme === 'basic' ? 'Basic realm="sallyport"' : null,
  ]);
  if (response.status !== 200) expectRefusal(response, text);
  else if (path === '/oauth/token') expectToken(text);
  else if (path === '/oauth/revoke') expect(text).toBe('');
}

function expectPublic(response: Response, text: string): void {
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('public, max-age=300');
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(text.length).toBeLessThan(65_536);
}

function expectToken(text: string): void {
  const body = JSON.parse(text) as Record<string, unknown>;
  expect(body).toMatchObject({
    access_token: expect.any(String),
    issued_token_type: expect.stringMatching(/^urn:ietf:params:oauth:token-type:/),
    token_type: expect.stringMatching(/^(?:Bearer|DPoP|N_A)$/),
    expires_in: expect.any(Number),
  });
  for (const name of ['error', 'refresh_token', 'id_token']) expect(body).not.toHaveProperty(name);
}

function expectRefusal(response: Response, text: string): void {
  const body = JSON.parse(text) as Record<string, unknown>;
  expect(String(body.error)).toMatch(/^[a-z_]+$/);
  if (body.error_description !== undefined) expect(String(body.error_description)).toMatch(SAFE);
  expect(body).not.toHaveProperty('access_token');
  expect(text.length).toBeLessThanOrEqual(1_024);
  if (response.status === 503 || response.status === 429) expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
}
