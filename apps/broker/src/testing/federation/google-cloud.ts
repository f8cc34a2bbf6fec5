/** Google Cloud's token service for workload identity federation, by the rules Google publishes for OIDC providers; CEL is evaluated. */
import { evaluate } from '@marcbachmann/cel-js';
import { audiencesOf, Broken, type Claims, type Published, rule, verified } from './published.ts';

/** As `gcloud iam workload-identity-pools providers create-oidc` takes it. */
export interface WorkloadProvider {
  readonly issuerUri: string;
  readonly allowedAudiences: readonly string[];
  /** `google.subject=…,attribute.x=…` */
  readonly mapping: string;
  readonly condition: string;
}

const LIFE_SECONDS_MAX = 24 * 60 * 60;
const SUBJECT_BYTES_MAX = 127;
const AUDIENCE_CHARACTERS_MAX = 256;

/** @returns the mapped attributes. Throws Broken when Google would refuse */
export async function exchangeAtGoogle(
  provider: WorkloadProvider,
  published: Published,
  token: string,
  nowSeconds: number,
): Promise<Readonly<Record<string, string>>> {
  const { issuerUri, allowedAudiences } = provider;
  rule(/^https:\/\//.test(issuerUri), 'the issuer is https');
  rule(published.discovery.issuer === issuerUri, 'the metadata is of the issuer');
  rule(String(published.discovery.jwks_uri).startsWith('https://'), 'the keys are at https');
  rule(
    allowedAudiences.every((one) => one.length <= AUDIENCE_CHARACTERS_MAX),
    'audiences of at most 256 characters',
  );
  const { header, claims } = await verified(token, published, ['RS256', 'ES256']);
  rule(typeof header.kid === 'string', 'kid is there');
  rule(claims.iss === issuerUri, 'iss is the issuer');
  rule(
    audiencesOf(claims).some((aud) => allowedAudiences.includes(aud)),
    'aud is allowed',
  );
  rule(claims.iat !== undefined && claims.iat <= nowSeconds, 'iat is in the past');
  rule(claims.exp > nowSeconds, 'not over');
  rule(claims.exp - claims.iat < LIFE_SECONDS_MAX, 'lives less than 24 hours');
  return attributesOf(provider, claims);
}

function attributesOf({ mapping, condition }: WorkloadProvider, claims: Claims): Readonly<Record<string, string>> {
  const pairs = mapping.split(',').map((pair): [string, string] => {
    const [name = '', expression = ''] = pair.split(/=(.*)/s);
    rule(/^(?:google\.(?:subject|groups)|attribute\.[a-z0-9_]{1,100})$/.test(name), `${name} may be mapped`);
    const value = cel(expression, claims);
    rule(typeof value === 'string' && value !== '', `${name} is a text`);
    return [name, value];
  });
  const attributes = Object.fromEntries(pairs);
  const subject = attributes['google.subject'];
  rule(subject !== undefined && Buffer.byteLength(subject) <= SUBJECT_BYTES_MAX, 'google.subject of at most 127 bytes');
  rule(cel(condition, claims) === true, 'the condition holds');
  return attributes;
}

/** An expression that names what is not there is a no. */
function cel(expression: string, assertion: Claims): unknown {
  try {
    return evaluate(expression, { assertion });
  } catch (thrown) {
    throw new Broken(`${expression}: ${String(thrown)}`);
  }
}
