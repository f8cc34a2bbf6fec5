/** Tokens that must be refused: each function tells one lie about otherwise good claims. */
import type { JWTPayload } from 'jose';
import { generateIssuerJwk, type IssuerAlgorithm, type IssuerKey, issuerKey, publicJwk } from './keys.ts';
import { encode, macText, signText } from './raw.ts';

/** How the public key's bytes are taken for an HMAC secret. */
export type PublicKeyForm = 'pem' | 'pem_without_newline' | 'pem_with_spaces' | 'der' | 'jwk';

export interface Lies {
  /** A true signature by the issuer's key under a header with these members over or beside the honest ones. */
  withHeader(claims: JWTPayload, header: Readonly<Record<string, unknown>>): string;
  /** No signature; the algorithm is written like this: `none`, `NoNe`, … */
  unsigned(claims: JWTPayload, spelling?: string): string;
  /** The honest header and claims with an empty signature. */
  emptySignature(claims: JWTPayload): string;
  /** Signed by another key of the same kind, under the honest `kid`. */
  forged(claims: JWTPayload): Promise<string>;
  /** Signed by a new key of another algorithm, under the honest `kid`. */
  otherAlgorithm(claims: JWTPayload, alg: IssuerAlgorithm): Promise<string>;
  /** HS256 with the issuer's public key as the secret. */
  macWithPublicKey(claims: JWTPayload, form: PublicKeyForm): string;
  /** Signed by the attacker's key, which the header points to (`jku`, `x5u`) or carries (`jwk`, `x5c`). */
  ownKeyInHeader(claims: JWTPayload, member: 'jku' | 'x5u' | 'jwk' | 'x5c'): string;
  /** A true signature over a payload in which this claim stands twice, the second time with this value. */
  doubledClaim(claims: JWTPayload, name: string, second: unknown): string;
  /** A true signature over a header in which `alg` stands twice. */
  doubledHeader(claims: JWTPayload): string;
}

export interface LiesAbout {
  /** The issuer's present key. */
  readonly key: () => IssuerKey;
  /** A key nobody trusts, published at `attackerUrl`. */
  readonly attacker: IssuerKey;
  readonly attackerUrl: string;
}

/** Lies about one issuer. */
export function makeLies({ key, attacker, attackerUrl }: LiesAbout): Lies {
  const honest = () => ({ alg: key().alg, kid: key().kid, typ: 'JWT' });
  const signed = (header: object, claims: JWTPayload, by: IssuerKey = key()) =>
    signText(JSON.stringify(header), JSON.stringify(claims), by.alg, by.privateKey);
  const bare = (header: object, claims: JWTPayload) =>
    `${encode(JSON.stringify(header))}.${encode(JSON.stringify(claims))}.`;

  const another = async (alg: IssuerAlgorithm) => issuerKey(await generateIssuerJwk(alg, key().kid));

  return {
    withHeader: (claims, header) => signed({ ...honest(), ...header }, claims),
    unsigned: (claims, spelling = 'none') => bare({ ...honest(), alg: spelling }, claims),
    emptySignature: (claims) => bare(honest(), claims),
    forged: async (claims) => signed(honest(), claims, await another(key().alg)),
    otherAlgorithm: async (claims, alg) => signed({ ...honest(), alg }, claims, await another(alg)),
    macWithPublicKey: (claims, form) =>
      macText(JSON.stringify({ ...honest(), alg: 'HS256' }), JSON.stringify(claims), publicKeyBytes(key(), form)),
    ownKeyInHeader: (claims, member) =>
      signed({ ...honest(), [member]: ownKey(member, attacker, attackerUrl) }, claims, attacker),
    doubledClaim: (claims, name, second) =>
      signText(JSON.stringify(honest()), doubled(claims, name, second), key().alg, key().privateKey),
    doubledHeader: (claims) =>
      signText(doubled(honest(), 'alg', key().alg), JSON.stringify(claims), key().alg, key().privateKey),
  };
}

function doubled(members: object, name: string, second: unknown): string {
  return `${JSON.stringify(members).slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(second)}}`;
}

function publicKeyBytes(key: IssuerKey, form: PublicKeyForm): Uint8Array {
  const pem = key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  switch (form) {
    case 'pem':
      return Buffer.from(pem);
    case 'pem_without_newline':
      return Buffer.from(pem.trimEnd());
    case 'pem_with_spaces':
      return Buffer.from(pem.replaceAll('\n', '\r\n'));
    case 'der':
      return key.publicKey.export({ type: 'spki', format: 'der' });
    case 'jwk':
      return Buffer.from(JSON.stringify(publicJwk(key)));
  }
}

/** `x5c` gets the bare key where a certificate belongs: a verifier must not look at it at all. */
function ownKey(member: 'jku' | 'x5u' | 'jwk' | 'x5c', attacker: IssuerKey, url: string): unknown {
  if (member === 'jwk') return publicJwk(attacker);
  if (member === 'x5c') return [attacker.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')];
  return url;
}
