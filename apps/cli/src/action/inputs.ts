/** Owns what the workflow says under `with:`: from the environment GitHub makes of it to a wish. */
import { ConfigProblems, type Environment, url } from '@sallyport/platform';
import { z } from 'zod';
import { askMs, durationText, requestId, required, scopes, variableName } from '../fields.ts';
import { defaultReason } from './reason.ts';

/** The runner reads these itself, or runs programs by them. */
const RESERVED = /^(?:GITHUB_|RUNNER_|ACTIONS_|INPUT_|STATE_|LD_|DYLD_|NODE_OPTIONS$|PATH$|BASH_ENV$|ENV$|HOME$)/i;
const yesOrNo = z.enum(['true', 'false'], { error: 'must be true or false' }).transform((text) => text === 'true');

const inputs = z.strictObject({
  issuer: required(2_000).pipe(url()),
  audience: required(2_000),
  scope: scopes.optional(),
  wait: askMs.default(30 * 60_000),
  reason: required(2_000).optional(),
  duration: durationText.optional(),
  request: requestId.optional(),
  'client-id': required(127).default('ci'),
  'token-audience': required(2_000).optional(),
  'export-env': variableName.refine((name) => !RESERVED.test(name), { error: 'is a name the runner keeps' }).optional(),
  'cancel-on-exit': yesOrNo.default(false),
  federate: yesOrNo.default(false),
  revoke: yesOrNo.default(true),
});

export type Inputs = z.output<typeof inputs>;

/** Names of the inputs, as `action.yml` has them. */
export const inputNames: readonly string[] = Object.keys(inputs.shape);

/** Reads INPUT_…; empty is absent. The reason says which run asks, unless it is given. @throws ConfigProblems */
export function readInputs(env: Environment): Inputs {
  const given = inputNames.flatMap((name) => {
    const text = env[`INPUT_${name.toUpperCase()}`]?.trim() ?? '';
    return text === '' ? [] : [[name, text]];
  });
  const parsed = inputs.safeParse(Object.fromEntries(given));
  if (parsed.success) return { ...parsed.data, reason: parsed.data.reason ?? defaultReason(env) };
  throw new ConfigProblems(
    parsed.error.issues.map(({ path, message }) => ({ name: String(path[0]), problem: message })),
  );
}
