/** Owns the bounds and headers every HTTP server of ours has, and its graceful end. */
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';

/** Bounds on what a client may send and how slowly. Milliseconds, bytes. */
export const httpLimits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16_384,
  connectionsCheckingInterval: 5_000,
} as const;

/** Headers of every answer that is not a page. */
export const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** A server with our bounds; the listener answers every request. */
export function createHttpServer(listener: RequestListener): Server {
  return createServer({ ...httpLimits }, listener);
}

/** Sets the security headers on an answer that is not sent yet. */
export function setSecurityHeaders(res: ServerResponse): void {
  for (const [name, value] of Object.entries(securityHeaders)) res.setHeader(name, value);
}

/** Stops accepting, lets running requests finish, cuts what is left after `ms`. */
export function closeServer(server: Server, ms = 8_000): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), ms);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
