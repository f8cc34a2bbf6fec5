/** `npm run demo`: walks the story against the house that runs now. */
import { spawn } from 'node:child_process';
import { inRoot, stateDirOf, stateFiles } from './paths.mjs';
import { prepare } from './prepare.mjs';
import { readRuntime, withDefaults } from './runtime.mjs';
import { makeSay } from './say.mjs';
import { EXIT, explain, Stop } from './stop.mjs';

async function main() {
  const files = stateFiles(stateDirOf(process.env));
  const house = readRuntime(files.runtime);
  if (house === undefined) {
    throw new Stop(
      'No Sallyport runs here. Start one in another terminal, and wait for "sallyport ready":\n\n    npm start',
      EXIT.unreachable,
    );
  }
  await prepare(makeSay(process.stderr), files);
  const child = spawn(process.execPath, [inRoot('apps/e2e/dist/demo.js'), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: withDefaults(process.env, house.env),
  });
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => child.kill(name));
  child.once('exit', (code, signal) => process.exit(signal === null ? code : EXIT.failed));
}

main().catch((error) => process.exit(explain(error)));
