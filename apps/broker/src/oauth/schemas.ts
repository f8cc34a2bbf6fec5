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
const clientMembers = {
  client_id: z.string().optional().describe('Of a client that proves nothing; others use HTTP Basic or an assertion'),
  client_assertion_type: z.string().optional().describe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer'),
  client_assertion: z.string().optional().describe('private_key_jwt (RFC 7523): its audience is our issuer alone'),
};
const tokenType = z
  .string()
  .optional()
  .describe(
    'urn:ietf:params:oauth:token-type:id_token, urn:ietf:params:oauth:token-type:jwt or urn:ietf:params:oauth:token-type:access_token',
  );
const details = z.string().optional().describe('A JSON array (RFC 9396) of types the resource declares');
const tokenHint = z.string().optional().describe('No more than a hint: all kinds are looked for');

export const tokenSchema = {
  tags: ['OAuth'],
  summary: 'Token exchange (RFC 8693), and polling for one that waits for people',
  security,
  consumes: ['application/x-www-form-urlencoded'],
  body: z.object({
    grant_type: z
      .string()
      .describe(
        'urn:ietf:params:oauth:grant-type:token-exchange, urn:ietf:params:oauth:grant-type:deferred or urn:openid:params:grant-type:ciba',
      ),
    ...clientMembers,
    subject_token: z
      .string()
      .optional()
      .describe('A token of a trusted issuer (an ID token, a CI job token), or an access token of ours to narrow'),
    subject_token_type: tokenType,
    actor_token: z.string().optional().describe('Of who acts for the subject (RFC 8693 section 2.1)'),
    actor_token_type: tokenType,
    audience: z.string().optional().describe("The target: a resource's audience URI or its id; exactly one target"),
    resource: z.string().optional().describe('The same as an absolute URI (RFC 8707)'),
    scope: z
      .string()
      .optional()
      .describe('Scopes of that resource, with spaces between; absent: all scopes of the one live grant'),
    request_id: z.string().optional().describe('Points at one access request: its state answers'),
    authorization_details: details,
    requested_token_type: z
      .string()
      .optional()
      .describe(
        'urn:ietf:params:oauth:token-type:access_token, or absent; urn:ietf:params:oauth:token-type:jwt: a federation token',
      ),
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
    auth_req_id: z.string().optional().describe('Likewise, of a backchannel start'),
    device_code: z.string().optional().describe('Likewise, of a device authorization'),
  }),
  response: {
    200: z
      .object({
        access_token: z.string(),
        issued_token_type: z.string(),
        token_type: z.enum(['Bearer', 'DPoP', 'N_A']),
        expires_in: z.number().int(),
        scope: z.string(),
        authorization_details: z.array(z.looseObject({ type: z.string() })).optional(),
        grant_id: z.string(),
        request_id: z.string(),
      })
      .describe('An access token (RFC 9068), or a federation token'),
    ...refusals,
  },
};

export const backchannelSchema = {
  tags: ['OAuth'],
  summary: 'Start an authentication-shaped ask for somebody the client can name (CIBA, poll mode)',
  security,
  consumes: ['application/x-www-form-urlencoded'],
  body: z.object({
    ...clientMembers,
    login_hint_token: z.string().optional().describe('A token of a trusted issuer: whom it is for'),
    login_hint: z
      .string()
      .optional()
      .describe('person:ID, workload:ID or the id of a person; only from a client that authenticates'),
    scope: z.string().describe('Scopes of the target, with spaces between'),
    audience: z.string().optional().describe("The target: a resource's audience URI or its id; exactly one target"),
    resource: z.string().optional().describe('The same as an absolute URI (RFC 8707)'),
    authorization_details: details,
    binding_message: z.string().optional().describe('1 to 64 of letters, digits, space, . _ # -; shown on the card'),
    requested_expiry: z.string().optional().describe('Seconds; shortens the time it may wait for people'),
    reason: z.string().optional().describe('Why, for those who decide; absent: the binding message'),
    requested_duration: z.string().optional().describe('How long the access shall last, like 30m'),
  }),
  response: {
    200: z
      .object({
        auth_req_id: z.string(),
        expires_in: z.number().int(),
        interval: z.number().int(),
        request_id: z.string(),
      })
      .describe('What to poll with'),
    403: oauthError.describe('access_denied: no rule allows it, or nobody could approve'),
    ...refusals,
  },
};

export const deviceSchema = {
  tags: ['OAuth'],
  summary:
    'Begin on a device without a browser (RFC 8628): a code to poll with, and one for a person to type on /device',
  security,
  consumes: ['application/x-www-form-urlencoded'],
  body: z.object({
    ...clientMembers,
    scope: z.string().describe('Scopes of the target, with spaces between'),
    audience: z
      .string()
      .optional()
      .describe("The target: a resource's audience URI or its id. Absent: the one resource that has all these scopes"),
    resource: z.string().optional().describe('The same as an absolute URI (RFC 8707)'),
    authorization_details: details,
    reason: z.string().optional().describe('Why; the person may say it in their own words'),
    requested_duration: z.string().optional().describe('How long the access shall last, like 30m'),
  }),
  response: {
    200: z
      .object({
        device_code: z.string(),
        user_code: z.string(),
        verification_uri: z.string(),
        verification_uri_complete: z.string(),
        expires_in: z.number().int(),
        interval: z.number().int(),
      })
      .describe('What to poll with, and what to show'),
    ...refusals,
  },
};

export const introspectSchema = {
  tags: ['OAuth'],
  summary: 'Introspection (RFC 7662): is this token good now?',
  security: [{ client: [] }],
  consumes: ['application/x-www-form-urlencoded'],
  body: z.object({
    ...clientMembers,
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
        act: z.looseObject({ sub: z.string() }).optional(),
        cnf: z.object({ jkt: z.string() }).optional(),
        authorization_details: z.array(z.looseObject({ type: z.string() })).optional(),
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
    ...clientMembers,
  }),
  response: { 200: z.string().describe('Done, or there was nothing to do; empty'), ...refusals },
};

export const statusListSchema = {
  tags: ['Metadata'],
  summary: 'A status list (OAuth Token Status List): a bit for each token, set once it is over',
  params: z.object({ id: z.string().describe('Its number, as the tokens name it') }),
  response: {
    200: z.string().describe('A signed JWT; go by it for `ttl` seconds, and never after its `exp`'),
    404: oauthError.describe('There is no such list'),
    503: oauthError.describe('temporarily_unavailable: what is over is not known; Retry-After says when'),
  },
};
