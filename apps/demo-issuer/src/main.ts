/** The demo issuer program: a thin shell round `compose`. */
import { loadOrExit } from '@sallyport/platform';
import { compose } from './compose.ts';
import { loadConfig } from './config.ts';

const config = loadOrExit(() => loadConfig(process.env));
const program = await compose(config);
await program.lifecycle.runUntilSignal();
