/** A small issuer on a real port that serves what the broker serves to resource servers, and has its bad days. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { deflateSync } from 'node:zlib';
import { type FeedDoor, makeFeedDoor } from './feed-door.ts';
import { listen } from './listen.ts';
import { makeSigning, type Signing } from './signing.ts';

export const AUDIENCE = 'https://orders-db.acme.test';
export const CLIENT = { id: 'orders api:+', secret: 's3cr t/%&ö' };

/** Also what no issuer should ever say. */
export type Claims = Readonly<Record<string, unknown>>;

export interface Authority {
  readonly issuer: string;
  readonly signing: Signing;
  readonly feed: FeedDoor;
  /** A token with these claims instead of the usual ones; a claim of `undefined` is left out. */
  token(claims?: Claims, header?: Readonly<Record<string, string>>): Promise<string>;
  revokeToken(jti: string): Promise<void>;
  endGrant(grantId: string): Promise<void>;
  /** Places in the status list whose bit is set. */
  readonly revokedBits: Set<number>;
  readonly statusUri: string;
  /** What a door answers instead of its usual answer. */
  readonly instead: Map<string, (req: IncomingMessage, res: ServerResponse) => void>;
  /** What introspection says; a function of the token. */
  introspection: (token: string) => object;
  /** How often each path was asked for. */
  hits(path: string): number;
  /** The last Authorization header each path was sent. */
  authorizationAt(path: string): string | undefined;
  close(): Promise<void>;
}

export const PATHS = {
  metadata: '/.well-known/oauth-authorization-server',
  jwks: '/oauth/jwks',
  introspect: '/oauth/introspect',
  feed: '/v1/revocations',
  statusList: '/oauth/status-lists/1',
};

const LIST_BYTES = 128;

export const seconds = (): number => Math.floor(Date.now() / 1_000);

export async function startAuthority(): Promise<Authority> {
  const signing = await makeSigning();
  const feed = makeFeedDoor();
  const revokedBits = new Set<number>();
  const instead: Authority['instead'] = new Map();
  const hits = new Map<string, number>();
  const authorizations = new Map<string, string | undefined>();
  const server = createServer((req, res) => void answer(req, res));
  const { origin: issuer, close } = await listen(server);
  let made = 0;

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', issuer);
    hits.set(url.pathname, (hits.get(url.pathname) ?? 0) + 1);
    authorizations.set(url.pathname, req.headers.authorization);
    const other = instead.get(url.pathname);
    if (other !== undefined) return other(req, res);
    if (url.pathname === PATHS.metadata) return json(res, metadata());
    if (url.pathname === PATHS.jwks) return json(res, await signing.jwks());
    if (url.pathname === PATHS.introspect) return json(res, authority.introspection(await tokenIn(req)));
    if (url.pathname === PATHS.feed) return feed.answer(req, res, url);
    if (url.pathname === PATHS.statusList) return text(res, await statusList());
    res.writeHead(404).end();
  }

  function metadata(): object {
    return {
      issuer,
      jwks_uri: `${issuer}${PATHS.jwks}`,
      introspection_endpoint: `${issuer}${PATHS.introspect}`,
      response_types_supported: ['id_token'],
    };
  }

  function statusList(): Promise<string> {
    const bytes = Buffer.alloc(LIST_BYTES);
    for (const at of revokedBits) bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (1 << (at & 7));
    const status_list = { bits: 1, lst: deflateSync(bytes).toString('base64url') };
    const claims = { sub: authority.statusUri, iat: seconds(), exp: seconds() + 600, ttl: 30, status_list };
    return signing.sign('statuslist+jwt', claims);
  }

  async function say(events: object): Promise<void> {
    made += 1;
    const claims = { iss: issuer, aud: AUDIENCE, iat: seconds(), jti: `evt_${made}`, events };
    feed.publish(await signing.sign('secevent+jwt', claims));
  }

  const authority: Authority = {
    issuer,
    signing,
    feed,
    token(claims = {}, header = {}) {
      made += 1;
      const usual = {
        iss: issuer,
        sub: 'workload:payments-deploy',
        aud: AUDIENCE,
        iat: seconds(),
        exp: seconds() + 600,
        jti: `tok_${made}`,
        client_id: 'ci',
        scope: 'orders:read orders:write',
        grant_id: 'grt_1',
        txn: 'req_1',
      };
      return signing.sign('at+jwt', { ...usual, ...claims }, header);
    },
    revokeToken: (jti) => say({ 'urn:sallyport:event:token-revoked': { jti, exp: seconds() + 600 } }),
    endGrant: (grant_id) => say({ 'urn:sallyport:event:grant-ended': { grant_id, exp: seconds() + 600 } }),
    revokedBits,
    statusUri: `${issuer}${PATHS.statusList}`,
    instead,
    introspection: () => ({ active: false }),
    hits: (path) => hits.get(path) ?? 0,
    authorizationAt: (path) => authorizations.get(path),
    async close() {
      feed.drop();
      await close();
    },
  };
  return authority;
}

async function tokenIn(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8')).get('token') ?? '';
}

function json(res: ServerResponse, body: object): void {
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function text(res: ServerResponse, body: string): void {
  res.writeHead(200, { 'content-type': 'application/statuslist+jwt' }).end(body);
}
