/** OIDC issuers that sign, and lie on demand. */
export { type BuildkiteAsk, buildkiteClaims } from './buildkite-claims.ts';
export type { PublishFault } from './documents.ts';
export type { Framing, TokenAsk } from './framing.ts';
export { type GithubAsk, githubClaims } from './github-claims.ts';
export { type GitlabAsk, type GitlabProject, gitlabClaims } from './gitlab-claims.ts';
export type { IdTokenAsk } from './id-token-claims.ts';
export { ATTACKER_PATH, type IssuerSetup, type Issuers, makeIssuers, type TestIssuer } from './issuers.ts';
export { generateIssuerJwk, type IssuerAlgorithm, type IssuerJwk } from './keys.ts';
export { type KubernetesAsk, kubernetesClaims, oldKubernetesClaims } from './kubernetes-claims.ts';
export type { Lies, PublicKeyForm } from './lies.ts';
export { type MangledForm, mangle, mangledForms } from './mangle.ts';
export type { AuthorizationAsk, Looked, Provider, ProviderClient, TokenAnswer } from './provider.ts';
export type { RequestCounter } from './requests.ts';
export { type IssuerServer, type StartIssuerOptions, startIssuer } from './start-issuer.ts';
