/** The JWT authenticator of kube-apiserver, by the reference of AuthenticationConfiguration; CEL is evaluated. */
import { evaluate } from '@marcbachmann/cel-js';
import { z } from 'zod';
import { audiencesOf, Broken, type Published, rule, verified } from './published.ts';

const expression = z.string().min(1);
const validation = z.strictObject({ expression, message: z.string().optional() });
/** Prefixed by a domain, lower case, none of the system's own. */
const extraKey = z.string().regex(/^(?!(?:.*\.)?(?:k8s|kubernetes)\.io\/)[a-z0-9.-]+\.[a-z0-9-]+\/[a-z0-9./_-]+$/);

/** Members the recipe does not use are refused, as this does not evaluate them. */
export const authenticationConfiguration = z.strictObject({
  apiVersion: z.literal('apiserver.config.k8s.io/v1'),
  kind: z.literal('AuthenticationConfiguration'),
  jwt: z.tuple([
    z.strictObject({
      issuer: z.strictObject({ url: z.url({ protocol: /^https$/ }), audiences: z.tuple([z.string().min(1)]) }),
      claimValidationRules: z.array(validation),
      claimMappings: z.strictObject({
        username: z.strictObject({ expression }),
        groups: z.strictObject({ expression }),
        extra: z.array(z.strictObject({ key: extraKey, valueExpression: expression })),
      }),
      userValidationRules: z.array(validation),
    }),
  ]),
});
export type AuthenticationConfiguration = z.output<typeof authenticationConfiguration>;

export interface KubernetesUser {
  readonly username: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** RFC 7518's asymmetric ones. */
const ALGORITHMS = ['RS', 'ES', 'PS'].flatMap((kind) => ['256', '384', '512'].map((bits) => kind + bits));
const NOT_BEFORE_LEEWAY_SECONDS = 300;

/** Throws Broken when the API server would answer 401. */
export async function authenticate(
  { jwt: [authenticator] }: AuthenticationConfiguration,
  published: Published,
  token: string,
  nowSeconds: number,
): Promise<KubernetesUser> {
  const { issuer, claimValidationRules, claimMappings, userValidationRules } = authenticator;
  rule(published.discovery.issuer === issuer.url, 'the metadata is of the issuer');
  const { claims } = await verified(token, published, ALGORITHMS);
  rule(claims.iss === issuer.url, 'iss is the issuer');
  rule(audiencesOf(claims).includes(issuer.audiences[0]), 'aud is an audience of it');
  rule(claims.exp > nowSeconds, 'not over');
  rule((claims.nbf ?? 0) <= nowSeconds + NOT_BEFORE_LEEWAY_SECONDS, 'nbf has come');
  for (const one of claimValidationRules) rule(cel(one.expression, { claims }) === true, one.expression);
  const user = userOf(claimMappings, { claims });
  for (const one of userValidationRules) rule(cel(one.expression, { user }) === true, one.expression);
  return user;
}

type Mappings = AuthenticationConfiguration['jwt'][0]['claimMappings'];

function userOf({ username, groups, extra }: Mappings, context: Readonly<Record<string, unknown>>): KubernetesUser {
  return {
    username: text.parse(cel(username.expression, context)),
    groups: z.array(text).parse(cel(groups.expression, context)),
    extra: Object.fromEntries(
      extra.flatMap(({ key, valueExpression }) => {
        const value = z.string().parse(cel(valueExpression, context));
        return value === '' ? [] : [[key, [value]]];
      }),
    ),
  };
}

const text = z.string().min(1);

/** An expression that names what is not there is a no. */
function cel(expression: string, context: Readonly<Record<string, unknown>>): unknown {
  try {
    return evaluate(expression, { ...context });
  } catch (thrown) {
    throw new Broken(`${expression}: ${String(thrown)}`);
  }
}
