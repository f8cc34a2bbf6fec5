/** What an issuer publishes, discovery and keys, and how publishing can fail. */
import type { ServerResponse } from 'node:http';
import { type IssuerKey, publicJwk } from './keys.ts';

const HUGE_BYTES = 4_000_000;

/** `500`, a page instead of JSON, 4 MB, no answer at all, one that never ends, a redirect to the same elsewhere, half an answer. */
export type PublishFault = 'error_500' | 'html' | 'huge' | 'silent' | 'drip' | 'redirect' | 'cut';

const DRIP_EVERY_MS = 20;

/** OpenID Connect Discovery 1.0, section 3: the required members, and `more`. */
export function discoveryDocument(issuer: string, more: object = {}): string {
  return JSON.stringify({
    issuer,
    jwks_uri: `${issuer}/jwks`,
    authorization_endpoint: `${issuer}/authorize`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256', 'RS256'],
    ...more,
  });
}

export function jwksDocument(keys: readonly IssuerKey[]): string {
  return JSON.stringify({ keys: keys.map(publicJwk) });
}

/** What an issuer where people sign in says besides. */
export function providerMembers(issuer: string): object {
  return {
    token_endpoint: `${issuer}/token`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code'],
    scopes_supported: ['openid'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
    authorization_response_iss_parameter_supported: true,
  };
}

/** Answers with a document as it is. */
export function sendJson(res: ServerResponse, document: string): void {
  res.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'public, max-age=300' });
  res.end(document);
}

/** Answers with the fault. `elsewhere` is where a redirect points: there the document is good. */
export function sendFault(res: ServerResponse, fault: PublishFault, elsewhere: string, document: string): void {
  switch (fault) {
    case 'error_500':
      res.writeHead(500, { 'content-type': 'application/json' }).end('{"error":"down"}');
      return;
    case 'html':
      res.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>');
      return;
    case 'huge':
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(document.replace(/}$/, `,"padding":"${'x'.repeat(HUGE_BYTES)}"}`));
      return;
    case 'silent':
      return;
    case 'drip':
      drip(res);
      return;
    case 'redirect':
      res.writeHead(302, { location: elsewhere }).end();
      return;
    case 'cut':
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
      res.write(document.slice(0, 20), () => res.destroy());
      return;
  }
}

/** White space for as long as somebody listens: never too late between two bytes, never done. */
function drip(res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => res.write(' '), DRIP_EVERY_MS);
  res.once('close', () => clearInterval(timer));
}
