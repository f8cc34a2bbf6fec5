/** Owns the start of the workspace program: reads the environment, runs until a signal. */
import { createLifecycle, loadOrExit } from '@sallyport/platform';
import { loadConfig } from './config.ts';
import { programLogger, type RunningProgram, start } from './server.ts';

const config = loadOrExit(() => loadConfig(process.env));
const logger = programLogger(config);
let running: RunningProgram | undefined;

await createLifecycle(logger)
  .add('workspace', {
    start: async () => {
      running = await start(config, logger);
    },
    stop: () => running?.close(),
  })
  .runUntilSignal();
