/** The well-known documents (RFC 8414) and the public keys. Only what is built is said; an empty list is left out. */
import { ASSERTION_ALGS, INTROSPECTION_ALG, PROOF_ALGS } from '@sallyport/tokens';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { BrokerDeps } from '../deps.ts';
import { onlyGet, sendPublic } from '../public-answer.ts';
import { ANY_CLIENT, PROVEN_CLIENT } from './calling-client.ts';
import { servesDevices } from './device-authorization.ts';
import { GRANT_TYPE, TOKEN_TYPE } from './names.ts';
import { PROTECTED_RESOURCE_PATH, protectedResource } from './protected-resource.ts';

const MAX_AGE_SECONDS = 300;

/** Registers both well-known documents, deep-equal, that of the REST API, and the key set. */
export function metadataRoutes(app: FastifyInstance, deps: BrokerDeps): void {
  const document = () => JSON.stringify(metadata(deps));
  const keys = () => JSON.stringify(deps.jwks());
  publicJson(app, '/.well-known/oauth-authorization-server', 'Authorization server metadata (RFC 8414)', document);
  publicJson(app, '/.well-known/openid-configuration', 'The same values, where OpenID clients look', document);
  publicJson(app, PROTECTED_RESOURCE_PATH, 'Whose tokens the REST API takes (RFC 9728)', () =>
    JSON.stringify(protectedResource(deps.issuer, deps.policies.inForce())),
  );
  publicJson(app, '/oauth/jwks', 'Public signing keys (RFC 7517)', keys);
}

function metadata(deps: BrokerDeps): object {
  const { issuer, policies, introspectionSigner } = deps;
  const devices = servesDevices(deps);
  const resources = policies.inForce().resources.filter((resource) => resource.enabled);
  const scopes = resources.flatMap((resource) => resource.roles.flatMap((role) => role.scopes));
  const distinct = [...new Set(scopes)].sort();
  const types = [...new Set(resources.flatMap((resource) => Object.keys(resource.authorizationDetails)))].sort();
  return {
    issuer,
    token_endpoint: `${issuer}/oauth/token`,
    jwks_uri: `${issuer}/oauth/jwks`,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    backchannel_authentication_endpoint: `${issuer}/oauth/bc-authorize`,
    ...(devices ? { device_authorization_endpoint: `${issuer}/oauth/device_authorization` } : {}),
    service_documentation: `${issuer}/docs`,
    grant_types_supported: Object.values(GRANT_TYPE).filter((name) => devices || name !== GRANT_TYPE.device),
    // RFC 8414 demands the member; token-only issuers say id_token, as no response type is served.
    response_types_supported: ['id_token'],
    ...(distinct.length > 0 ? { scopes_supported: distinct } : {}),
    ...(types.length > 0 ? { authorization_details_types_supported: types } : {}),
    ...authentication(),
    ...(introspectionSigner.canSign() ? { introspection_signing_alg_values_supported: [INTROSPECTION_ALG] } : {}),
    dpop_signing_alg_values_supported: PROOF_ALGS,
    backchannel_token_delivery_modes_supported: ['poll'],
    backchannel_user_code_parameter_supported: false,
    id_token_signing_alg_values_supported: ['RS256'],
    deferred_token_response_supported: true,
    revocation_endpoint_token_type_values_supported: [TOKEN_TYPE.accessToken, TOKEN_TYPE.deferralCode],
    subject_types_supported: ['public'],
    claims_supported: ['iss', 'sub', 'aud', 'exp', 'iat', 'jti'],
  };
}

/** How clients prove themselves, at each endpoint. */
function authentication(): object {
  const of = (endpoint: string, methods: readonly string[]) => ({
    [`${endpoint}_endpoint_auth_methods_supported`]: methods,
    [`${endpoint}_endpoint_auth_signing_alg_values_supported`]: ASSERTION_ALGS,
  });
  return {
    ...of('token', ANY_CLIENT),
    ...of('revocation', ANY_CLIENT),
    ...of('introspection', PROVEN_CLIENT),
  };
}

function publicJson(app: FastifyInstance, url: string, summary: string, body: () => string): void {
  const response = { 200: z.record(z.string(), z.unknown()) };
  app.get(
    url,
    { schema: { tags: ['Metadata'], summary, response }, serializerCompiler: () => (data) => String(data) },
    async (request, reply) =>
      sendPublic(request, reply, {
        text: body(),
        mediaType: 'application/json; charset=utf-8',
        maxAgeSeconds: MAX_AGE_SECONDS,
      }),
  );
  onlyGet(app, url);
}
