/** Compact JWS by hand: every byte of header and payload as asked, so that what no library would sign can be sent. */
import { constants, createHmac, type KeyObject, sign } from 'node:crypto';
import type { IssuerAlgorithm } from './keys.ts';

/** base64url of a text or bytes, without padding. */
export function encode(part: string | Uint8Array): string {
  return Buffer.from(part).toString('base64url');
}

/** Signs `input` with the padding and encoding JWA wants for the algorithm. */
export function signBytes(alg: IssuerAlgorithm, key: KeyObject, input: string): Buffer {
  const bytes = Buffer.from(input);
  switch (alg) {
    case 'ES256':
      return sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' });
    case 'RS256':
      return sign('sha256', bytes, key);
    case 'PS256':
      return sign('sha256', bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
    case 'EdDSA':
      return sign(null, bytes, key);
  }
}

/** A token of exactly this header and payload text, with a true signature. */
export function signText(header: string, payload: string, alg: IssuerAlgorithm, key: KeyObject): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${encode(signBytes(alg, key, input))}`;
}

/** The same with an HMAC: what a verifier that lets the token choose the algorithm would accept. */
export function macText(header: string, payload: string, secret: Uint8Array): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}
