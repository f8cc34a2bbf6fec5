/** Signs what an issuer signs, with keys that can be changed. */
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, type JWK, SignJWT } from 'jose';

export interface Signing {
  /** Signs with the newest key. */
  sign(
    typ: string,
    payload: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, string>>,
  ): Promise<string>;
  /** What is published now. */
  jwks(): Promise<{ keys: JWK[] }>;
  /** From now on another key signs; the old ones stay published unless dropped. */
  rotate(dropOld?: boolean): Promise<void>;
  readonly kid: string;
}

interface Named {
  readonly kid: string;
  readonly pair: GenerateKeyPairResult;
}

export async function makeSigning(): Promise<Signing> {
  let made = 0;
  let keys: readonly Named[] = [await fresh()];

  async function fresh(): Promise<Named> {
    made += 1;
    return { kid: `key-${made}`, pair: await generateKeyPair('ES256', { extractable: true }) };
  }

  function newest(): Named {
    const key = keys[0];
    if (key === undefined) throw new Error('no key');
    return key;
  }

  return {
    async sign(typ, payload, header = {}) {
      const { kid, pair } = newest();
      return new SignJWT({ ...payload })
        .setProtectedHeader({ alg: 'ES256', typ, kid, ...header })
        .sign(pair.privateKey);
    },
    async jwks() {
      const jwks = keys.map(async ({ kid, pair }) => ({
        ...(await exportJWK(pair.publicKey)),
        kid,
        use: 'sig',
        alg: 'ES256',
      }));
      return { keys: await Promise.all(jwks) };
    },
    async rotate(dropOld = false) {
      keys = [await fresh(), ...(dropOld ? [] : keys)];
    },
    get kid() {
      return newest().kid;
    },
  };
}
