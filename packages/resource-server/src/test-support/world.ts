/** One issuer, one resource server that trusts it, and calls to that: what most tests begin with. */
import { generateKeyPair, generateProof, type KeyPair } from 'dpop';
import { calculateJwkThumbprint, exportJWK } from 'jose';
import type { IncomingCall } from '../credentials.ts';
import type { ResourceServerOptions } from '../options.ts';
import { createResourceServer, type ResourceServer } from '../resource-server.ts';
import { AUDIENCE, type Authority, CLIENT, startAuthority } from './authority.ts';
import { type MovedClock, makeMovedClock } from './clock.ts';

export const PUBLIC_URL = 'https://api.acme.test';
export const WITH_CLIENT = { clientId: CLIENT.id, clientSecret: CLIENT.secret };

export interface World {
  readonly authority: Authority;
  readonly clock: MovedClock;
  readonly server: ResourceServer;
  /** A second server like it, of the same issuer. */
  another(options?: Partial<ResourceServerOptions>): ResourceServer;
  close(): Promise<void>;
}

/** Without options: JWKS only. */
export async function startWorld(options: Partial<ResourceServerOptions> = {}): Promise<World> {
  const authority = await startAuthority();
  const clock = makeMovedClock();
  const servers: ResourceServer[] = [];
  const another = (more: Partial<ResourceServerOptions> = {}): ResourceServer => {
    const base = { issuer: authority.issuer, audience: AUDIENCE, publicUrl: PUBLIC_URL, clock };
    const server = createResourceServer({ ...base, ...more });
    servers.push(server);
    return server;
  };
  return {
    authority,
    clock,
    server: another(options),
    another,
    async close() {
      await Promise.all(servers.map((server) => server.close()));
      await authority.close();
    },
  };
}

/** GET /orders with these headers. */
export function aCall(headers: IncomingCall['headers'] = {}, call: Partial<IncomingCall> = {}): IncomingCall {
  return { method: 'GET', url: '/orders?page=2', headers, ...call };
}

export function bearer(token: string): IncomingCall {
  return aCall({ authorization: `Bearer ${token}` });
}

export interface Holder {
  readonly pair: KeyPair;
  readonly jkt: string;
  /** A call with a proof for GET /orders, or for what is said instead. */
  call(token: string, said?: Partial<Said>): Promise<IncomingCall>;
}

interface Said {
  readonly htu: string;
  readonly htm: string;
  /** The token the proof is about; null: no `ath`. */
  readonly about: string | null;
}

/** Somebody with a DPoP key, whose proofs an unrelated library makes. */
export async function aHolder(algorithm: 'ES256' | 'RS256' | 'PS256' | 'Ed25519' = 'ES256'): Promise<Holder> {
  const pair = await generateKeyPair(algorithm, { extractable: true });
  const jkt = await calculateJwkThumbprint(await exportJWK(pair.publicKey));
  return {
    pair,
    jkt,
    async call(token, { htu = `${PUBLIC_URL}/orders`, htm = 'GET', about = token } = {}) {
      const proof = await generateProof(pair, htu, htm, undefined, about ?? undefined);
      return aCall({ authorization: `DPoP ${token}`, dpop: proof });
    },
  };
}
