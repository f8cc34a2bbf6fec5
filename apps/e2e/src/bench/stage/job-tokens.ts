/** Subject tokens made before a run: distinct, ES256, shaped like those of a CI system. */
import { createPrivateKey, type JsonWebKey, type KeyObject, randomUUID, sign } from 'node:crypto';
import type { TestIssuer } from '@sallyport/testkit';
import { repositoryId } from './policy.ts';

const LIFE_SECONDS = 3_600;

export interface JobTokens {
  /** A fresh token of one pipeline. */
  of(job: number): string;
}

/** Signs for an issuer with its first key; thousands a second, which is why it is not the issuer that signs. */
export function makeJobTokens(issuer: TestIssuer, audience: string): JobTokens {
  const [jwk] = issuer.exportKeys();
  if (jwk === undefined) throw new Error('an issuer has a key');
  const key = createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' });
  const head = encode({ alg: 'ES256', typ: 'JWT', kid: jwk.kid });
  return {
    of: (job) => {
      const iat = Math.floor(Date.now() / 1_000);
      const claims = {
        ...issuer.jobClaims({ audience, repositoryId: repositoryId(job) }),
        iat,
        nbf: iat,
        exp: iat + LIFE_SECONDS,
        jti: randomUUID(),
      };
      return signed(`${head}.${encode(claims)}`, key);
    },
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function signed(input: string, key: KeyObject): string {
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}
