/** The policy of a start: the one named, or the example, with this house's own addresses in it. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mainOf } from './build.mjs';
import { inRoot, ROOT } from './paths.mjs';
import { run } from './run.mjs';
import { EXIT, Stop } from './stop.mjs';
import { removeFolder } from './stores/home.mjs';

const EXAMPLE = inRoot('infra', 'policies', 'example');
/** The addresses as the example writes them. */
const WRITTEN = { issuer: 'http://localhost:8080', demoIssuer: 'http://localhost:8084' };

/** The example as it is, or a copy in the state folder when this house has other addresses. @returns {string} its folder */
export function examplePolicy({ issuer, demoIssuer, folder }) {
  removeFolder(folder);
  if (issuer === WRITTEN.issuer && demoIssuer === WRITTEN.demoIssuer) return EXAMPLE;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(EXAMPLE).filter((file) => file.endsWith('.yaml'))) {
    const text = readFileSync(path.join(EXAMPLE, name), 'utf8');
    const parts = text.split(WRITTEN.demoIssuer).map((part) => part.replaceAll(WRITTEN.issuer, issuer));
    writeFileSync(path.join(folder, name), parts.join(demoIssuer));
  }
  return folder;
}

/** Stops with the problems (file, line, path) if the policy does not compile: before anything is started on it. */
export async function checkPolicy(policy, env) {
  const { code, output, error } = await run(process.execPath, [mainOf('cli'), 'policy', 'check', policy], {
    cwd: ROOT,
    env,
  });
  if (code === 0) return;
  throw new Stop(
    `The policy in ${policy} cannot be put in force:\n\n${error?.message ?? output.trim()}`,
    EXIT.configuration,
  );
}
