/** Owns the forms a federation token can be handed on in, and what may be said meanwhile: other programs run us for them. */
import type { Output } from '../output.ts';
import { googleExecutable } from './google-executable.ts';
import { kubernetesExec } from './kubernetes-exec.ts';

/** `token`: as it is. */
export const FORMATS = ['token', 'kubernetes-exec', 'google-executable'] as const;
export type Format = (typeof FORMATS)[number];

const WRITERS = {
  token: (token) => token,
  'kubernetes-exec': kubernetesExec,
  'google-executable': googleExecutable,
} as const satisfies Record<Format, (token: string) => string>;

const nothing = (): void => undefined;
const QUIET = {
  token: {},
  // kubectl shows our stderr to whoever typed, with each call.
  'kubernetes-exec': { aside: nothing },
  // Google's library for Python reads stderr along with stdout: until it fails, not a word.
  'google-executable': { aside: nothing, note: nothing, progress: nothing },
} as const satisfies Record<Format, Partial<Output>>;

/** The token in this form. */
export function inFormat(format: Format, token: string): string {
  return WRITERS[format](token);
}

/** An output that says no more than whoever reads this form can bear. Why something failed is always said. */
export function forFormat(format: Format | undefined, out: Output): Output {
  return { ...out, ...QUIET[format ?? 'token'] };
}
