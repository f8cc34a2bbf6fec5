/** OIDC issuers that sign, and lie on demand. */
export type { IdTokenAsk, JobTokenAsk } from './claims.ts';
export type { PublishFault } from './documents.ts';
export { ATTACKER_PATH, type IssuerSetup, type Issuers, makeIssuers, type TestIssuer } from './issuers.ts';
export { generateIssuerJwk, type IssuerAlgorithm, type IssuerJwk } from './keys.ts';
export type { Lies, PublicKeyForm } from './lies.ts';
export { type MangledForm, mangle, mangledForms } from './mangle.ts';
export type { RequestCounter } from './requests.ts';
export { type IssuerServer, type StartIssuerOptions, startIssuer } from './start-issuer.ts';
