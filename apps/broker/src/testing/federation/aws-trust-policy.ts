/** Evaluates the trust policy of an IAM role for one AssumeRoleWithWebIdentity, as far as the recipe goes: two operators, no wildcard but `*`. */
import { z } from 'zod';

const texts = z.union([z.string(), z.array(z.string())]).transform((one) => (typeof one === 'string' ? [one] : one));
const condition = z.record(z.string(), texts);

/** Unknown members, operators and versions are refused: what this cannot evaluate is not tested. */
export const trustPolicy = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z.array(
    z.strictObject({
      Effect: z.literal('Allow'),
      Principal: z.strictObject({ Federated: z.string() }),
      Action: texts,
      Condition: z.strictObject({ StringEquals: condition.optional(), StringLike: condition.optional() }),
    }),
  ),
});
export type TrustPolicy = z.output<typeof trustPolicy>;

export interface StsRequest {
  /** The provider's URL without `https://`. */
  readonly provider: string;
  /** AssumeRoleWithWebIdentity, and TagSession and SetSourceIdentity where the token brings them. */
  readonly actions: readonly string[];
  /** Condition keys and their values. */
  readonly context: Readonly<Record<string, string>>;
}

/** Whether some statement allows all of it. */
export function allows(policy: TrustPolicy, { provider, actions, context }: StsRequest): boolean {
  return policy.Statement.some(
    (statement) =>
      statement.Principal.Federated.endsWith(`:oidc-provider/${provider}`) &&
      actions.every((action) => statement.Action.includes(action)) &&
      holds(statement.Condition.StringEquals, context, (value, wanted) => value === wanted) &&
      holds(statement.Condition.StringLike, context, isLike),
  );
}

/** Every key must be in the request and fit one of its values. */
function holds(
  wanted: Readonly<Record<string, readonly string[]>> = {},
  context: StsRequest['context'],
  fits: (value: string, wanted: string) => boolean,
): boolean {
  return Object.entries(wanted).every(([key, values]) => {
    const value = context[key];
    return value !== undefined && values.some((one) => fits(value, one));
  });
}

function isLike(value: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(value);
}
