/** `sallyport migrate`: brings the database to the schema of this build. */
import type { Command } from 'commander';
import { z } from 'zod';
import { databaseTrouble } from '../database.ts';
import { define, type Run, type Shell } from '../define.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { flag } from '../fields.ts';
import { databaseSettings } from '../settings.ts';

/** Adds the command. */
export function migrateCommand(parent: Command, run: Run): void {
  define(parent, run, {
    usage: 'migrate',
    summary: 'bring the database to the newest schema',
    description:
      'Applies what is missing, in order, once each; safe to run at any time and by several at once. Needs a DATABASE_URL ' +
      'whose user owns the schema. Also makes the roles of the programs, if this user may.',
    examples: ['DATABASE_URL=postgres://sallyport_migrate@db/sallyport sallyport migrate'],
    given: z.object({ json: flag }),
    act: (_, shell) => migrateDatabase(shell),
  });
}

async function migrateDatabase({ env, out }: Shell): Promise<ExitCode> {
  const url = databaseSettings(env).url.reveal();
  const { MigrationChanged, migrate, migrations } = await import('@sallyport/postgres');
  try {
    const { applied, warning } = await migrate(url);
    const names = new Map((await migrations()).map(({ version, name }) => [version, name]));
    if (warning !== undefined) out.note(`warning: ${warning}`);
    out.result(
      { applied, ...(warning === undefined ? {} : { warning }) },
      applied.length === 0
        ? ['nothing to do: the schema is the newest']
        : applied.map((version) => `applied ${version} ${names.get(version) ?? ''}`.trim()),
    );
    return EXIT.done;
  } catch (thrown) {
    if (thrown instanceof MigrationChanged) {
      return out.fail({ exit: EXIT.configuration, code: 'migration_changed', message: thrown.message });
    }
    const trouble = databaseTrouble(thrown);
    if (trouble === undefined) throw thrown;
    return out.fail(trouble);
  }
}
