/** Installed and compiled, whoever needs it: one command at a time, the others wait for it. */
import path from 'node:path';
import { build } from './build.mjs';
import { install } from './install.mjs';
import { whileLocked } from './lock.mjs';

/** Installs and compiles if needed. */
export function prepare(say, files) {
  return whileLocked(path.join(files.dir, 'prepare.lock'), async () => {
    await install(say, files.logs);
    await build(say);
  });
}
