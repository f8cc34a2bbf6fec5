/** The broker program: a thin shell round `start`. */
import { loadOrExit } from '@sallyport/platform';
import { compose } from './compose.ts';
import { loadConfig } from './config.ts';

const config = loadOrExit(() => loadConfig(process.env));
const program = await loadOrExit(() => compose(config));
await program.lifecycle.runUntilSignal();
