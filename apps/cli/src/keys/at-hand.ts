/** What every command about keys works with: which file, what encrypts it, the time, and how a change is told. */
import { type Instant, instant, type Result } from '@sallyport/core';
import { ConfigProblems, type Environment } from '@sallyport/platform';
import type { Changed, KeyWrapping } from '@sallyport/tokens';
import { z } from 'zod';
import type { Shell } from '../define.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { flag, required } from '../fields.ts';
import { plain } from '../output.ts';
import { keySettings } from '../settings.ts';
import type { Trouble } from '../trouble.ts';
import { type ChangeKeys, changeKeys } from './change-keys.ts';
import { keyLines, keyViews, nextLine, stepLines } from './words.ts';

/** Options of every command that changes the file. */
export const changeOptions = [
  ['--file <file>', 'the key file; SALLYPORT_SIGNING_KEYS unless named'],
  ['--dry-run', 'say what would be done, and write nothing'],
] as const;
export const changeFields = { file: required(4_096).optional(), dryRun: flag, json: flag };
const changeShape = z.object(changeFields);

/** The file that is meant. @throws ConfigProblems when none is named */
export function fileOf(given: string | undefined, env: Environment): string {
  const path = given ?? keySettings(env).path;
  if (path !== undefined) return path;
  throw new ConfigProblems([{ name: 'SALLYPORT_SIGNING_KEYS', problem: 'is missing: set it, or name a file: --file' }]);
}

/** What private halves are encrypted with here, if with anything. @throws ConfigProblems */
export async function wrappingOf(env: Environment): Promise<KeyWrapping | undefined> {
  const key = keySettings(env).encryptionKey;
  if (key === undefined) return undefined;
  const { makeKeyWrapping } = await import('@sallyport/tokens');
  return makeKeyWrapping(key.reveal());
}

/** What a change gets. */
export interface AtHand {
  readonly now: Instant;
  readonly wrapping: KeyWrapping | undefined;
}

/** Makes a change and says what was done, how the keys now stand, and what comes next. */
export async function act(
  given: z.output<typeof changeShape>,
  shell: Shell,
  change: (at: AtHand) => ChangeKeys,
): Promise<ExitCode> {
  const path = fileOf(given.file, shell.env);
  const at = { now: instant(shell.clock()), wrapping: await wrappingOf(shell.env) };
  const changed = await changeKeys({ path, wrapping: at.wrapping, dryRun: given.dryRun }, change(at));
  return tell(changed, { now: at.now, dryRun: given.dryRun }, shell);
}

async function tell(
  changed: Result<Changed, Trouble>,
  { now, dryRun }: { readonly now: Instant; readonly dryRun: boolean },
  { out }: Shell,
): Promise<ExitCode> {
  if (!changed.ok) return out.fail(changed.error);
  const tokens = await import('@sallyport/tokens');
  const { file, steps } = changed.value;
  const views = keyViews(file, tokens);
  const done = steps.length === 0 ? ['nothing to do'] : stepLines(steps);
  out.result({ written: steps.length > 0 && !dryRun, steps, keys: views }, [
    ...(dryRun ? ['this would be done:'] : []),
    ...done.map(plain),
    '',
    ...keyLines(views, out),
    nextLine(file, now, tokens),
  ]);
  return EXIT.done;
}
