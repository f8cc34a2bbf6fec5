/** `sallyport list`: the newest requests made by or for the caller. */
import type { Command } from 'commander';
import { z } from 'zod';
import { clientFor } from '../caller.ts';
import { define, type Run } from '../define.ts';
import { EXIT } from '../exit-codes.ts';
import { flag } from '../fields.ts';
import { askLine, stateLine } from '../views.ts';

const limit = z
  .string()
  .regex(/^\d{1,3}$/, 'must be a whole number from 1 to 200')
  .transform(Number)
  .pipe(z.number().min(1, 'must be at least 1').max(200, 'must be at most 200'))
  .default(20);

/** Adds the command. */
export function listCommand(parent: Command, run: Run): void {
  define(parent, run, {
    usage: 'list',
    summary: 'list your requests and what came of them',
    options: [['--limit <n>', 'how many of the newest; 20 unless said otherwise']],
    examples: ['sallyport list --limit 5'],
    given: z.object({ limit, json: flag }),
    act: async (given, shell) => {
      const { out } = shell;
      const listed = await clientFor(shell).listRequests(given.limit);
      if (!listed.ok) return out.fail(listed.error);
      out.result(
        { items: listed.value },
        listed.value.length === 0
          ? ['no requests yet: sallyport request --help']
          : listed.value.flatMap((view) => [`${out.bold(view.id)}  ${stateLine(view)}`, `  ${askLine(view)}`]),
      );
      return EXIT.done;
    },
  });
}
