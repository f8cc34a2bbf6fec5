/** The entry of the single-file command line. */
import { callerCommands } from '../../apps/cli/src/caller-commands.ts';
import { surroundingsOf } from '../../apps/cli/src/host.ts';
import { runProgram } from '../../apps/cli/src/program.ts';

process.exitCode = await runProgram(process.argv.slice(2), surroundingsOf(process), callerCommands);
