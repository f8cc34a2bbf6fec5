/** Owns the forms a federation token can be handed on in. */
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

/** The token in this form. */
export function inFormat(format: Format, token: string): string {
  return WRITERS[format](token);
}
