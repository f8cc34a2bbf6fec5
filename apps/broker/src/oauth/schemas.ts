/** The forms and answers of the OAuth endpoints, for the OpenAPI document; the strict form parser is what validates. */
import { z } from 'zod';

const oauthError = z
  .object({
    error: z.string(),
    error_description: z.string().optional(),
    interval: z.number().int().optional(),
    request_id: z.string().optional(),
    deferral_code: z.string().optional(),
    expires_in: z.number().int().optional(),
  })
  .describe('A refusal, RFC 6749 section 5.2; of the token endpoint also authorization_pending and slow_down');

const refusals = {
  400: oauthError,
  401: oauthError.describe('invalid_client after failed Basic, with WWW-Authenticate'),
  429: oauthError.describe('slow_down: too many calls; Retry-After says when'),
  503: oauthError.describe('temporarily_unavailable: nothing was issued or changed; Retry-After says when'),
};

/** Basic, or the name of a client that has no secret in the body. */
const security = [{ client: [] }, {}];
const clientId = z.string().optional().describe('Of a client without a secret; others use HTTP Basic');
const tokenHint = z.string().optional().describe('No more than a hint: all kinds are looked for');

export const tokenSchema = {
  tags: ['OAuth'],
  summary: 'Token exchange (RFC 8693), and polling for one that waits for people',
  security,
  consumes: ['application/x-www-form-urlencoded'],
  body: z.object({
    grant_type: z
      .string()
      .describe('urn:ietf:params:oauth:grant-type:token-exchange or urn:ietf:params:oauth:grant-type:deferred'),
    client_id: clientId,
    subject_token: z.string().optional().describe('A token of a trusted issuer: an ID token, a CI job token'),
    subject_token_type: z
      .string()
      .optional()
      .describe('urn:ietf:params:oauth:token-type:id_token or urn:ietf:params:oauth:token-type:jwt'),
    audience: z.string().optional().describe("The target: a resource's audience URI or its id; exactly one target"),
    resource: z.string().optional().describe('The same as an absolute URI (RFC 8707)'),
    scope: z
      .string()
      .optional()
      .describe('Scopes of that resource, with spaces between; absent: all scopes of the one live grant'),
    request_id: z.string().optional().describe('Points at one access request: its state answers'),
    requested_token_type: z.string().optional().describe('urn:ietf:params:oauth:token-type:access_token, or absent'),
    completion_mode: z
      .string()
      .optional()
      .describe('deferred: if people have to decide, ask them, and hand out a deferral_code to poll with'),
    reason: z.string().optional().describe('Why, for those who decide; with completion_mode=deferred'),
    requested_duration: z
      .string()
      .optional()
      .describe('How long the access shall last, like 30m; at most what the role allows'),
    deferral_code: z.string().optional().describe('When polling: the handle, and nothing else of the exchange'),
  }),
  response: {
    200: z
      .object({
        access_token: z.string(),
        issued_token_type: z.string(),
        token_type: z.literal('Bearer'),
        expires_in: z.number().int(),
        scope: z.string(),
        grant_id: z.string(),
        request_id: z.string(),
      })
      .describe('An access token (RFC 9068)'),
    ...refusals,
  },
};

export const introspectSchema = {
  tags: ['OAuth'],
  summary: 'Introspection (RFC 7662): is this token good now?',
  security: [{ client: [] }],
  consumes: ['application/x-www-form-urlencoded'],
  body: z.object({
    token: z.string().describe("An access token for one of the caller's resources"),
    token_type_hint: tokenHint,
  }),
  response: {
    200: z
      .object({
        active: z.boolean(),
        iss: z.string().optional(),
        sub: z.string().optional(),
        aud: z.string().optional(),
        client_id: z.string().optional(),
        scope: z.string().optional(),
        token_type: z.string().optional(),
        iat: z.number().int().optional(),
        exp: z.number().int().optional(),
        jti: z.string().optional(),
        grant_id: z.string().optional(),
        txn: z.string().optional(),
      })
      .describe('Whether it is active; of an active one what it says, of any other nothing'),
    ...refusals,
  },
};

export const revokeSchema = {
  tags: ['OAuth'],
  summary: 'Revocation (RFC 7009) of an access token, or of a handle and the wait behind it',
  security,
  consumes: ['application/x-www-form-urlencoded'],
  body: z.object({
    token: z.string().describe('An access token or a deferral_code of this client'),
    token_type_hint: tokenHint,
    client_id: clientId,
  }),
  response: { 200: z.string().describe('Done, or there was nothing to do; empty'), ...refusals },
};
