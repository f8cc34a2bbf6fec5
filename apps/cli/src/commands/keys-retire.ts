/** `sallyport keys retire`: takes one key back by name, at once. */
import { err, ok } from '@sallyport/core';
import type { Command } from 'commander';
import { z } from 'zod';
import { define, type Run } from '../define.ts';
import { EXIT } from '../exit-codes.ts';
import { required } from '../fields.ts';
import { act, changeFields, changeOptions } from '../keys/at-hand.ts';

/** Adds the command. */
export function retireCommand(group: Command, run: Run): void {
  define(group, run, {
    usage: 'retire <kid>',
    summary: 'take one key back at once, whatever it may still verify',
    description:
      'For a key that leaked, or that nobody wants: tokens it signed are refused as soon as the published keys are read ' +
      'again. If it signs, the next key takes its place. Past keys need no such thing: `keys rotate` drops them in time.',
    options: changeOptions,
    examples: ['sallyport keys retire mMVGa_lKqJqWjJLrIpn6mVYPmNcLNa7L5ZAN9bPB1u4'],
    given: z.object({ ...changeFields, kid: required(255) }),
    act: (given, shell) =>
      act(given, shell, ({ now, wrapping }) => async (file) => {
        const { generateEntry, publish, takeBack } = await import('@sallyport/tokens');
        const key = file.keys.find((one) => one.kid === given.kid);
        if (key === undefined) {
          const message = `no key has the kid ${given.kid}`;
          return err({ exit: EXIT.usage, code: 'key_unknown', message, next: 'See them: sallyport keys list' });
        }
        const gone = takeBack(file, key.kid, now);
        if (gone !== undefined) return ok(gone);
        const followed = publish(file, await generateEntry(key.alg, now, wrapping), now);
        const replaced = takeBack(followed.file, key.kid, now);
        if (replaced === undefined) throw new Error('a key that was just published follows');
        return ok({ file: replaced.file, steps: [...followed.steps, ...replaced.steps] });
      }),
  });
}
