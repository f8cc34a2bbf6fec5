/** Callers of the test house: the forms of the token endpoint and the REST calls of its people. */
import { createHash } from 'node:crypto';
import type { LightMyRequestResponse } from 'fastify';
import type { BrokerHouse } from './broker-house.ts';
import { CI_AUDIENCE, ORDERS } from './policy-text.ts';

export const TE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const CIBA = 'urn:openid:params:grant-type:ciba';
export const DEF = 'urn:ietf:params:oauth:grant-type:deferred';
export const TT = (name: string): string => `urn:ietf:params:oauth:token-type:${name}`;
export const REASON = 'Backfill of the orders that failed';
/** SHA-256 of the secret of client `ci-runner`. */
export const SECRET = 's3cr-t+ü %"';
export const SECRET_SHA256 = createHash('sha256').update(SECRET).digest('hex');

type Params = Readonly<Record<string, string | readonly string[] | undefined>>;
type Headers = Readonly<Record<string, string>>;
/** What a person asks by REST; merged over the defaults. */
type Body = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: LightMyRequestResponse['headers'];
  readonly text: string;
}

/** Builds the callers of a house. */
export function callersOf(house: BrokerHouse) {
  const { app, issuers } = house;

  async function post(url: string, payload: string, headers: Headers): Promise<Answer> {
    return read(await app.inject({ method: 'POST', url, payload, headers }));
  }

  const form = (url: string, params: Params, headers: Headers = {}) =>
    post(url, encode(params), { 'content-type': 'application/x-www-form-urlencoded', ...headers });

  const jobToken = (repositoryId = '123') => issuers.issuer('ci').jobToken({ audience: CI_AUDIENCE, repositoryId });
  const idToken = (sub: string) => issuers.issuer('workforce').idToken({ sub, audience: 'sallyport' });

  async function tx(params: Params = {}, headers: Headers = {}): Promise<Answer> {
    return form('/oauth/token', { ...(await txParams()), ...params }, headers);
  }

  /** The exchange of the conformance matrix: a fresh job token, client ci, orders:write. */
  async function txParams(): Promise<Record<string, string>> {
    return {
      grant_type: TE,
      client_id: 'ci',
      subject_token: await jobToken(),
      subject_token_type: TT('id_token'),
      audience: ORDERS,
      scope: 'orders:write',
    };
  }

  async function rest(
    who: string,
    method: 'GET' | 'POST',
    url: string,
    body?: unknown,
    headers: Headers = {},
  ): Promise<Answer> {
    const auth = { authorization: `Bearer ${await idToken(who)}` };
    const sent = body === undefined ? {} : { payload: JSON.stringify(body) };
    const media: Headers = body === undefined ? {} : { 'content-type': 'application/json' };
    return read(await app.inject({ method, url, headers: { ...auth, ...media, ...headers }, ...sent }));
  }

  /** A call with this bearer token: a pipeline's, or one that should not work. */
  async function restAs(token: string, method: 'GET' | 'POST', url: string, body?: unknown): Promise<Answer> {
    const headers: Headers = { authorization: `Bearer ${token}` };
    if (body === undefined) return read(await app.inject({ method, url, headers }));
    return post(url, JSON.stringify(body), { ...headers, 'content-type': 'application/json' });
  }

  const ask = (who: string, body: Body = {}, headers: Headers = {}) =>
    rest(
      who,
      'POST',
      '/v1/access-requests',
      { resource: 'orders-db', role: 'admin', duration: '30m', justification: REASON, ...body },
      headers,
    );

  const decide = (who: string, id: unknown, body: Body = {}) =>
    rest(who, 'POST', `/v1/access-requests/${String(id)}/decisions`, { verdict: 'approve', revision: 1, ...body });

  /** Alice asks for the pipeline, Bob and Dan approve: a live grant. */
  async function approved(body: Body = {}): Promise<{ readonly requestId: string; readonly grantId: string }> {
    const asked = await ask('alice', { subject: { workload: 'payments-deploy' }, ...body });
    if (asked.status !== 201) throw new Error(`asking answered ${asked.status} ${asked.text}`);
    await decide('bob', asked.body.id);
    const done = await decide('dan', asked.body.id);
    const grant = done.body.grant as { readonly id: string } | null;
    if (grant === null) throw new Error(`approving answered ${done.status} ${done.text}`);
    return { requestId: String(asked.body.id), grantId: grant.id };
  }

  const basic = (id: string, secret: string): Headers => ({
    authorization: `Basic ${Buffer.from(`${formEncode(id)}:${formEncode(secret)}`).toString('base64')}`,
  });

  /** The exchange with `completion_mode=deferred`: asks, and gets a handle. */
  const defer = (params: Params = {}, headers: Headers = {}) =>
    tx({ completion_mode: 'deferred', reason: REASON, ...params }, headers);

  const poll = (code: unknown, params: Params = {}, headers: Headers = {}) =>
    form('/oauth/token', { grant_type: DEF, client_id: 'ci', deferral_code: String(code), ...params }, headers);

  const introspect = (token: unknown, params: Params = {}, headers: Headers = basic('ci-runner', SECRET)) =>
    form('/oauth/introspect', { token: String(token), ...params }, headers);

  const revoke = (token: unknown, params: Params = {}, headers: Headers = {}) =>
    form('/oauth/revoke', { client_id: 'ci', token: String(token), ...params }, headers);

  /** Bob, the manager, and Dan, a dba, approve. */
  async function approveBoth(id: unknown): Promise<Answer> {
    await decide('bob', id);
    return decide('dan', id);
  }

  return {
    post,
    form,
    tx,
    txParams,
    defer,
    poll,
    introspect,
    revoke,
    jobToken,
    idToken,
    rest,
    restAs,
    ask,
    decide,
    approveBoth,
    approved,
    basic,
  };
}

export type Callers = ReturnType<typeof callersOf>;

/** The claims of the access token in an answer; unverified. */
export function claimsIn({ body }: Pick<Answer, 'body'>): Readonly<Record<string, unknown>> {
  const [, payload = ''] = String(body.access_token).split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
}

/** What the trail holds of a kind of row. */
export function trailOf(house: BrokerHouse, type: string) {
  return house.world.store.audit.filter((row) => row.type === type);
}

function read(response: LightMyRequestResponse): Answer {
  const json = String(response.headers['content-type'] ?? '').includes('json') && response.payload !== '';
  return {
    status: response.statusCode,
    body: json ? response.json() : {},
    headers: response.headers,
    text: response.payload,
  };
}

function encode(params: Params): string {
  const pairs = Object.entries(params).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((one) => one !== undefined)
      .map((one) => `${formEncode(name)}=${formEncode(String(one))}`),
  );
  return pairs.join('&');
}

/** application/x-www-form-urlencoded, as RFC 6749 appendix B spells it. */
export function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
