/** Compiles the programs, if a source is newer than the last build. */
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inRoot, ROOT } from './paths.mjs';
import { run } from './run.mjs';
import { Stop } from './stop.mjs';

const STAMP = inRoot('node_modules', '.sallyport-built');
const PROGRAMS = ['broker', 'slack', 'worker', 'cli', 'workspace', 'demo-issuer'];
const TOP = ['tsconfig.json', 'tsconfig.base.json', 'pnpm-lock.yaml'];
const NOT_SOURCES = new Set(['node_modules', 'dist']);

/** The built entry of a program. */
export const mainOf = (program) => inRoot('apps', program, 'dist', 'main.js');

/** The latest change below a folder, in milliseconds; a deleted file shows in its folder's time. */
function newestIn(dir) {
  let newest = statSync(dir).mtimeMs;
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (NOT_SOURCES.has(entry.name)) continue;
    const at = path.join(dir, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestIn(at) : statSync(at).mtimeMs);
  }
  return newest;
}

/** Whether the compiled programs are there and younger than every source. A package's own folder is left out: building makes `dist` in it. */
function isBuilt() {
  const built = statSync(STAMP, { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined || !PROGRAMS.every((program) => existsSync(mainOf(program)))) return false;
  const houses = ['apps', 'packages', 'examples'].flatMap((group) =>
    readdirSync(inRoot(group)).map((name) => inRoot(group, name)),
  );
  const sources = houses.flatMap((house) => [path.join(house, 'src')].filter((dir) => existsSync(dir)).map(newestIn));
  const settings = [
    ...houses.flatMap((house) => ['package.json', 'tsconfig.json'].map((file) => path.join(house, file))),
    ...TOP.map((file) => inRoot(file)),
  ];
  const times = settings.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return Math.max(...sources, ...times) < built;
}

/** Builds if needed; the compiler's messages are the error. */
export async function build(say) {
  if (isBuilt()) return;
  const began = new Date();
  await say.step('Compiling', async () => {
    const { code, output, error } = await run(inRoot('node_modules', '.bin', 'tsc'), ['-b'], { cwd: ROOT });
    if (code !== 0) throw new Stop(`The programs do not compile:\n\n${error ? error.message : output}`);
  });
  writeFileSync(STAMP, '');
  utimesSync(STAMP, began, began); // a source saved while the compiler ran is newer than this
}
