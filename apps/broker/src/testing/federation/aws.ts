/**
 * AWS STS, AssumeRoleWithWebIdentity, as far as AWS publishes its rules: the prerequisites of an IAM OIDC provider, the
 * limits of the call, the claims for session tags and source identity, the role's trust policy.
 */
import { z } from 'zod';
import { allows, type TrustPolicy } from './aws-trust-policy.ts';
import { audiencesOf, type Claims, type Published, rule, type Seen, verified } from './published.ts';

export interface IamProvider {
  readonly url: string;
  readonly clientIds: readonly string[];
}

export interface AssumeRole {
  readonly token: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly nowSeconds: number;
}

/** What the session is known by afterwards. */
export interface AwsSession {
  readonly tags: Readonly<Record<string, string>>;
  readonly sourceIdentity?: string;
}

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'];
const NEEDED = [
  'issuer',
  'jwks_uri',
  'claims_supported',
  'response_types_supported',
  'subject_types_supported',
  'id_token_signing_alg_values_supported',
];
/** How long past `exp` IAM still takes a token. */
const LEEWAY_SECONDS = 300;
const CLIENT_ID_MAX = 255;
const KEYS_MAX = 100;
const TOKEN_CHARACTERS_MAX = 20_000;
const SESSION_SECONDS = { min: 900, max: 43_200 };
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;

const tagText = (max: number) =>
  z
    .string()
    .regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u)
    .min(1)
    .max(max);
const tagsClaim = z.strictObject({
  principal_tags: z
    .record(tagText(128), z.tuple([tagText(256)]))
    .refine((tags) => Object.keys(tags).length <= 50 && !Object.keys(tags).some((key) => /^aws:/i.test(key))),
  transitive_tag_keys: z.array(z.string()).optional(),
});

/** Throws Broken when AWS would not create the provider. */
export function assertIamProvider({ url, clientIds }: IamProvider, { discovery, jwks }: Published): void {
  rule(/^https:\/\/[^/:?#]+(?:\/[^?#]*[^/?#])?$/.test(url), 'the URL is https, without port, query and trailing slash');
  rule(clientIds.length >= 1 && clientIds.length <= KEYS_MAX, 'one to a hundred client ids');
  rule(
    clientIds.every((id) => id.length <= CLIENT_ID_MAX),
    'client ids of at most 255 characters',
  );
  for (const member of NEEDED) rule(discovery[member] !== undefined, `the metadata has ${member}`);
  rule(discovery.issuer === url, 'the issuer is the URL, to the letter');
  rule(String(discovery.jwks_uri).startsWith('https://'), 'the keys are at https');
  rule(jwks.keys.length > 0, 'there is a key');
  for (const kty of ['RSA', 'EC']) {
    rule(jwks.keys.filter((key) => key.kty === kty).length <= KEYS_MAX, `at most a hundred ${kty} keys`);
  }
}

/** Throws Broken when STS would refuse. */
export async function assumeRole(
  provider: IamProvider,
  policy: TrustPolicy,
  published: Published,
  call: AssumeRole,
): Promise<AwsSession> {
  assertIamProvider(provider, published);
  rule(call.token.length <= TOKEN_CHARACTERS_MAX, 'a token of at most 20,000 characters');
  rule(SESSION_NAME.test(call.sessionName), 'a session name of 2 to 64 characters from \\w+=,.@-');
  const { min, max } = SESSION_SECONDS;
  rule(call.durationSeconds >= min && call.durationSeconds <= max, 'a session of 15 minutes to 12 hours');
  const { claims } = await verified(call.token, published, ALGORITHMS);
  const audience = audienceOf(claims);
  rule(claims.iss === provider.url, 'iss is the provider');
  rule(provider.clientIds.includes(audience), 'aud is one client id of the provider');
  rule(claims.iat !== undefined, 'iat is there');
  rule(call.nowSeconds < claims.exp + LEEWAY_SECONDS, 'not over for more than five minutes');
  const session = sessionOf({ claims });
  const host = provider.url.replace('https://', '');
  const context = contextOf(host, audience, claims, session, call);
  rule(allows(policy, { provider: host, actions: actionsOf(session), context }), 'the trust policy allows it');
  return session;
}

/** Where there is `azp`, AWS takes it in place of `aud`. Of several audiences there is no telling. */
function audienceOf(claims: Claims): string {
  const [audience, ...more] = audiencesOf(claims);
  rule(audience !== undefined && more.length === 0, 'one audience');
  return typeof claims.azp === 'string' ? claims.azp : audience;
}

function sessionOf({ claims }: Pick<Seen, 'claims'>): AwsSession {
  const [given, source] = [claims['https://aws.amazon.com/tags'], claims['https://aws.amazon.com/source_identity']];
  const tags = tagsClaim.optional().safeParse(given);
  rule(tags.success, 'the tags claim is of the published shape');
  rule(
    source === undefined || SESSION_NAME.test(String(source)),
    'the source identity is 2 to 64 characters of \\w+=,.@-',
  );
  const pairs = Object.entries(tags.data?.principal_tags ?? {}).map(([key, [value]]) => [key, value]);
  return { tags: Object.fromEntries(pairs), ...(source === undefined ? {} : { sourceIdentity: String(source) }) };
}

function actionsOf({ tags, sourceIdentity }: AwsSession): readonly string[] {
  return [
    'sts:AssumeRoleWithWebIdentity',
    ...(Object.keys(tags).length > 0 ? ['sts:TagSession'] : []),
    ...(sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
  ];
}

function contextOf(host: string, aud: string, { sub }: Claims, session: AwsSession, call: AssumeRole) {
  const tags = Object.entries(session.tags).map(([key, value]) => [`aws:RequestTag/${key}`, value]);
  return {
    [`${host}:aud`]: aud,
    [`${host}:sub`]: sub,
    'sts:RoleSessionName': call.sessionName,
    ...(session.sourceIdentity === undefined ? {} : { 'sts:SourceIdentity': session.sourceIdentity }),
    ...Object.fromEntries(tags),
  };
}
