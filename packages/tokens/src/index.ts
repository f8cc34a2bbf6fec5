/** The face of the tokens package, the only one that speaks JOSE: signs ours, verifies ours and those of trusted issuers. */
export { type AccessTokenClaims, type ActClaim, actClaim, claimsOf } from './claims.ts';
export { ASSERTION_ALGS, makeClientAssertionVerifier } from './client-assertion.ts';
export { makeProofVerifier, PROOF_ALGS } from './dpop.ts';
export { makeProofNonces, type ProofNonces } from './dpop-nonce.ts';
export { generateEntry, generateSigningKey } from './generate-key.ts';
export {
  INTROSPECTION_ALG,
  INTROSPECTION_JWT_TYPE,
  type IntrospectionSigner,
  makeIntrospectionSigner,
} from './introspection-jwt.ts';
export type { KeysProblem } from './issuer-documents.ts';
export { type IssuerFetch, IssuerUnreachable, makeIssuerFetch } from './issuer-fetch.ts';
export { type IssuerKeys, type IssuerKeysDeps, type KeysFetched, makeIssuerKeys, type WantedKey } from './issuers.ts';
export { type JwksDocument, jwksDocument } from './jwks-document.ts';
export { exposureOf, type KeyText, readKeyText } from './key-access.ts';
export {
  algsOf,
  type KeyAlg,
  type KeyEntry,
  type KeyFile,
  parseKeyFile,
  type RevokedKey,
  spellKeyFile,
  timeText,
} from './key-file.ts';
export {
  type Changed,
  dropPast,
  inTurn,
  type KeyStep,
  lacksNext,
  mayDropAt,
  mayPromoteAt,
  promoteDue,
  publish,
  type Standing,
  standingOf,
  startOver,
  takeBack,
} from './key-rotation.ts';
export {
  type KeySet,
  type PublicJwk,
  type PublishedKey,
  parseKeySet,
  type SigningKey,
  type SigningKeys,
} from './key-set.ts';
export type { MissingKey, WaitingKey } from './key-succession.ts';
export { KEPT_AFTER, MAY_VERIFY, PUBLISHED_AHEAD } from './key-times.ts';
export { KEY_ENCRYPTION_KEY_BYTES, type KeyWrapping, makeKeyWrapping } from './key-wrapping.ts';
export { type Followed, fixedKeys, type KeysInForce, type LiveKeys, makeLiveKeys } from './live-keys.ts';
export { makeOwnVerifier, type OwnVerifierDeps } from './own-verifier.ts';
export { type Outgoing, type Resolve, resolveBySystem } from './pinned-request.ts';
export { recloseHalves } from './private-half.ts';
export { makeSealedBox, type SealedBox, type SealedBoxDeps } from './sealed-box.ts';
export { makeRevocationSigner, type SignRevocation } from './set.ts';
export { makeSigner, type SignerDeps } from './signer.ts';
export { openSlackToken, sealSlackToken } from './slack-token.ts';
export { encodeStatusList, makeStatusListSigner, type SignStatusList, STATUS_LIST_TTL } from './status-list.ts';
export { parseStrictJson } from './strict-json.ts';
export { makeSubjectVerifier, type SubjectVerifierDeps } from './subject-verifier.ts';
