/**
 * oidc-provider with a token exchange grant: verifies an ES256 subject token with jose, writes one durable row per token
 * through its adapter, and signs an ES256 access token. It cannot introspect structured tokens, so for introspection it
 * issues its own native, opaque ones. Nothing is slowed down: no grant object to read, no replay check, no audit row.
 */
import { importJWK, jwtVerify } from 'jose';
import { type AdapterPayload, errors, type KoaContextWithOIDC, Provider, type ResourceServer } from 'oidc-provider';
import { type CompetitorSettings, competitorSettings } from './settings.ts';
import { openTokenTable, type TokenTable } from './token-table.ts';

const TE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const TTL_SECONDS = 600;
/** Asking for this audience gives an opaque token. */
const OPAQUE_SUFFIX = '/opaque';

/** Only tokens are kept: clients are static, and nothing here has sessions or codes. */
function adapterOver(table: TokenTable) {
  return (_model: string) => ({
    upsert: (id: string, payload: AdapterPayload, expiresIn: number) =>
      table.put(id, payload, Math.floor(Date.now() / 1_000) + expiresIn),
    find: async (id: string) => (await table.find(id)) as AdapterPayload | undefined,
    findByUserCode: async () => undefined,
    findByUid: async () => undefined,
    consume: async () => undefined,
    destroy: async () => undefined,
    revokeByGrantId: async () => undefined,
  });
}

function resourceServer(settings: CompetitorSettings, resource: string): ResourceServer {
  const opaque = resource.endsWith(OPAQUE_SUFFIX);
  return {
    scope: settings.scope,
    audience: settings.audience,
    accessTokenTTL: TTL_SECONDS,
    accessTokenFormat: opaque ? 'opaque' : 'jwt',
    ...(opaque ? {} : { jwt: { sign: { alg: 'ES256' } } }),
  } as ResourceServer;
}

function makeProvider(settings: CompetitorSettings, table: TokenTable): Provider {
  return new Provider(settings.issuer, {
    adapter: adapterOver(table),
    clients: [
      {
        client_id: settings.clientId,
        token_endpoint_auth_method: 'none',
        grant_types: [TE],
        redirect_uris: [],
        response_types: [],
      },
      {
        client_id: settings.resourceClientId,
        client_secret: settings.resourceClientSecret,
        token_endpoint_auth_method: 'client_secret_basic',
        grant_types: [],
        redirect_uris: [],
        response_types: [],
      },
    ],
    jwks: { keys: [settings.signingKey as never] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    scopes: settings.scope.split(' '),
    ttl: { AccessToken: TTL_SECONDS },
    features: {
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx: unknown, resource: string) => resourceServer(settings, resource),
      },
    },
  });
}

async function registerExchange(provider: Provider, settings: CompetitorSettings): Promise<void> {
  const key = await importJWK(settings.subjectKey, 'ES256');
  const handler = async (ctx: KoaContextWithOIDC): Promise<void> => {
    const { params = {}, client } = ctx.oidc;
    if (client === undefined) throw new errors.InvalidClient('no client');
    const { payload } = await jwtVerify(String(params.subject_token), key, {
      algorithms: ['ES256'],
      issuer: settings.subjectIssuer,
      audience: settings.subjectAudience,
      requiredClaims: ['exp', 'iat', 'sub', 'jti'],
    }).catch(() => {
      throw new errors.InvalidRequest('token_rejected');
    });
    const resource = String(params.audience);
    const token = new provider.AccessToken({
      accountId: String(payload.sub),
      client,
      gty: 'token-exchange',
      scope: String(params.scope),
    } as never);
    token.resourceServer = new provider.ResourceServer(resource, resourceServer(settings, resource));
    const value = await token.save();
    if (!resource.endsWith(OPAQUE_SUFFIX)) await keepRow(provider, token);
    ctx.body = {
      access_token: value,
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      expires_in: token.expiration,
      scope: token.scope,
    };
  };
  const names = ['subject_token', 'subject_token_type', 'audience', 'scope'];
  provider.registerGrantType(TE, handler, names);
}

/** oidc-provider keeps no row of a structured token by itself. */
async function keepRow(provider: Provider, token: InstanceType<Provider['AccessToken']>): Promise<void> {
  const { jti, accountId, aud, scope, clientId, gty } = token;
  const iat = Math.floor(Date.now() / 1_000);
  const payload = { jti, accountId, aud, scope, clientId, gty, kind: 'AccessToken', iat, exp: iat + TTL_SECONDS };
  await provider.AccessToken.adapter.upsert(jti, payload as AdapterPayload, TTL_SECONDS);
}

const settings = competitorSettings();
const provider = makeProvider(settings, await openTokenTable(settings.databaseUrl, settings.connectionsMax));
await registerExchange(provider, settings);
provider.listen(settings.port, '127.0.0.1', () => process.send?.('ready'));
