/** The face of `@sallyport/resource-server`. Adapters are at `./fastify`, `./express`, `./node`. */
export type { Clock } from './clock.ts';
export type { IncomingCall } from './credentials.ts';
export type { KeysHealth } from './issuer-keys.ts';
export type { Need } from './need.ts';
export type { ResourceServerOptions } from './options.ts';
export type { PublicUrl } from './public-url.ts';
export type { ProtectedResourceMetadata } from './resource-metadata.ts';
export { createResourceServer, type Health, type ResourceServer } from './resource-server.ts';
export type { RevocationHealth } from './revocations/revocation-source.ts';
export type { Actor, AuthorizationDetail, Because, ChallengeError, Denied, Verified } from './verdict.ts';
