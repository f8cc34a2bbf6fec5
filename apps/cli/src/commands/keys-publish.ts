/** `sallyport keys publish`: adds one key, to sign later; or the first of an algorithm. */
import { ok } from '@sallyport/core';
import type { Command } from 'commander';
import { z } from 'zod';
import { define, type Run } from '../define.ts';
import { act, changeFields, changeOptions } from '../keys/at-hand.ts';

/** Adds the command. */
export function publishCommand(group: Command, run: Run): void {
  define(group, run, {
    usage: 'publish',
    summary: 'add the next key of an algorithm, to be published before it signs',
    description:
      '`keys rotate` does this by itself. With an algorithm the file has no key of, the new one signs at once. ' +
      'If a next key is there already, nothing is done.',
    options: [...changeOptions, ['--alg <alg>', 'ES256 (as if not said) or RS256']],
    examples: ['sallyport keys publish', 'sallyport keys publish --alg RS256'],
    given: z.object({
      ...changeFields,
      alg: z.enum(['ES256', 'RS256'], { error: 'must be ES256 or RS256' }).default('ES256'),
    }),
    act: (given, shell) =>
      act(given, shell, ({ now, wrapping }) => async (file) => {
        const { algsOf, generateEntry, lacksNext, publish } = await import('@sallyport/tokens');
        const wanted = !algsOf(file).includes(given.alg) || lacksNext(file).includes(given.alg);
        if (!wanted) return ok({ file, steps: [] });
        return ok(publish(file, await generateEntry(given.alg, now, wrapping), now));
      }),
  });
}
