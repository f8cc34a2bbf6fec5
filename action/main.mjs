/** The entry of the GitHub Action, for the step and for the post step. Bundled to dist/index.js by `npm run build:action`. */
import { runAction } from '../apps/cli/src/action/run-action.ts';
import { surroundingsOf } from '../apps/cli/src/host.ts';

process.exitCode = await runAction(surroundingsOf(process));
