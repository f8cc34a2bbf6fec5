/** `sallyport keys rotate`: one step of the monthly rotation, or, after a leak, all new keys at once. */
import { type Instant, ok } from '@sallyport/core';
import type { Changed, KeyFile, KeyWrapping } from '@sallyport/tokens';
import type { Command } from 'commander';
import { z } from 'zod';
import { define, type Run } from '../define.ts';
import { flag } from '../fields.ts';
import { act, changeFields, changeOptions } from '../keys/at-hand.ts';

/** Adds the command. */
export function rotateCommand(group: Command, run: Run): void {
  define(group, run, {
    usage: 'rotate',
    summary: 'let the next keys sign, publish the ones after, drop what is long past',
    description:
      'Run it once a month, from cron. A next key signs only when it was published for an hour: sooner, nothing is done. ' +
      'The key before stays published, as its public half, until nothing it signed can be alive.\n\n' +
      '--now is for a leak: new keys sign at once, all others are taken back, and tokens they signed are refused by ' +
      'whoever reads the published keys again (within 5 minutes, mostly). Then revoke the grants that are live.',
    options: [...changeOptions, ['--now', 'after a leak: take back every key, sign with new ones at once']],
    examples: ['sallyport keys rotate', 'sallyport keys rotate --dry-run', 'sallyport keys rotate --now'],
    given: z.object({ ...changeFields, now: flag }),
    act: (given, shell) =>
      act(given, shell, ({ now, wrapping }) => async (file) => {
        const change = given.now ? replaceAll : oneStep;
        return ok(await change(file, now, wrapping));
      }),
  });
}

async function oneStep(file: KeyFile, now: Instant, wrapping: KeyWrapping | undefined): Promise<Changed> {
  const { dropPast, generateEntry, inTurn, lacksNext, promoteDue, publish } = await import('@sallyport/tokens');
  const moved = inTurn(file, [dropPast, promoteDue], (seen, change) => change(seen, now));
  const fresh = await Promise.all(lacksNext(moved.file).map((alg) => generateEntry(alg, now, wrapping)));
  const published = inTurn(moved.file, fresh, (seen, key) => publish(seen, key, now));
  return { file: published.file, steps: [...moved.steps, ...published.steps] };
}

async function replaceAll(file: KeyFile, now: Instant, wrapping: KeyWrapping | undefined): Promise<Changed> {
  const { algsOf, generateEntry, startOver } = await import('@sallyport/tokens');
  const fresh = await Promise.all(algsOf(file).map((alg) => generateEntry(alg, now, wrapping)));
  return startOver(file, fresh, now);
}
