/** The face of the tokens package, the only one that speaks JOSE: signs ours, verifies ours and those of trusted issuers. */
export { type AccessTokenClaims, type ActClaim, actClaim, claimsOf } from './claims.ts';
export { ASSERTION_ALGS, makeClientAssertionVerifier } from './client-assertion.ts';
export { makeProofVerifier, PROOF_ALGS } from './dpop.ts';
export { makeProofNonces, type ProofNonces } from './dpop-nonce.ts';
export { type Resolve, resolveBySystem } from './fetch-json.ts';
export type { KeysProblem } from './issuer-documents.ts';
export { type IssuerKeys, type IssuerKeysDeps, type KeysFetched, makeIssuerKeys, type WantedKey } from './issuers.ts';
export { type JwksDocument, jwksDocument } from './jwks-document.ts';
export { generateSigningKey, type KeyAlg, type KeySet, type PublicJwk, parseKeySet } from './key-set.ts';
export { makeOwnVerifier, type OwnVerifierDeps } from './own-verifier.ts';
export { makeSigner, type SignerDeps } from './signer.ts';
export { parseStrictJson } from './strict-json.ts';
export { makeSubjectVerifier, type SubjectVerifierDeps } from './subject-verifier.ts';
