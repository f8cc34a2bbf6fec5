/** The broker program: a thin shell round `compose`. */
import { ConfigProblems, exitWithProblems, loadOrExit } from '@sallyport/platform';
import { compose } from './compose.ts';
import { loadConfig } from './config.ts';

const config = loadOrExit(() => loadConfig(process.env));
const program = await compose(config).catch((thrown: unknown) => {
  // Keys that cannot be read or do not fit are configuration too.
  if (thrown instanceof ConfigProblems) exitWithProblems(thrown);
  throw thrown;
});
await program.lifecycle.runUntilSignal();
