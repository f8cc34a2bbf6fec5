/** Owns the whole command line: the callers' commands, and those of whoever keeps the house. */
import { callerCommands } from './caller-commands.ts';
import { auditCommands } from './commands/audit.ts';
import { doctorCommand } from './commands/doctor.ts';
import { keysCommands } from './commands/keys.ts';
import { migrateCommand } from './commands/migrate.ts';
import type { ExitCode } from './exit-codes.ts';
import { runProgram } from './program.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Runs one command.
 * @param args what was typed after the program's name
 * @returns the exit code; never throws
 */
export function runCli(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const commands = [...callerCommands, auditCommands, migrateCommand, keysCommands, doctorCommand];
  return runProgram(args, surroundings, commands);
}
