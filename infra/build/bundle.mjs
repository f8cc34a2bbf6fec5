/** Bundles an entry into one file that runs on Node 20 without anything installed. The same sources give the same bytes. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { inRoot, ROOT } from '../local/paths.mjs';

const VERSION_FILE = /apps[\\/]cli[\\/]src[\\/]version\.ts$/;
const LOCALES = /zod[\\/]v4[\\/]locales[\\/]index\.js$/;
const FOREIGN = /^(.*node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+))[\\/]/;
/** Where the package manager keeps things is nothing the bytes should depend on. */
const STORE = /^\/\/ (?:\.\.\/)*node_modules\/\.pnpm\/[^/]+\/node_modules\//gm;
const LICENCE_FILE = /^licen[cs]e(\.\w+)?$/i;

/** What is read from beside the sources at run time has to come along; words of zod in fifty languages need not. */
const fitting = {
  name: 'fitting',
  setup({ onLoad }) {
    const { version } = JSON.parse(readFileSync(inRoot('apps', 'cli', 'package.json'), 'utf8'));
    onLoad({ filter: VERSION_FILE }, () => ({ contents: `export const VERSION = ${JSON.stringify(version)};` }));
    onLoad({ filter: LOCALES }, () => ({ contents: `export { default as en } from './en.js';` }));
  },
};

/** The notices of what came along, as their licences demand. */
function licencesOf(inputs) {
  const folders = new Set(inputs.flatMap((input) => FOREIGN.exec(path.resolve(ROOT, input))?.[1] ?? []));
  const notices = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((one) => LICENCE_FILE.test(one));
    const text = file === undefined ? license : readFileSync(path.join(folder, file), 'utf8').trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return notices.join(`\n${'-'.repeat(80)}\n\n`);
}

/**
 * Bundles.
 * @param entry path from the root
 * @param first lines before everything else
 * @returns {Promise<{code: string, licences: string}>}
 */
export async function bundle(entry, first) {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    conditions: ['@sallyport/source'],
    plugins: [fitting],
    logLevel: 'silent',
    banner: { js: first },
  });
  const [output] = Object.values(metafile.outputs);
  const used = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return { code: outputFiles[0].text.replaceAll(STORE, '// '), licences: licencesOf(used.map(([input]) => input)) };
}
