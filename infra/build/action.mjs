/** `npm run build:action [folder]`: the GitHub Action as one file. GitHub runs what is committed, so action/dist is. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inRoot } from '../local/paths.mjs';
import { bundle } from './bundle.mjs';

const FIRST = `// Made by \`npm run build:action\` from action/main.mjs and apps/cli/src. Do not edit.`;

const folder = process.argv[2] ?? inRoot('action', 'dist');
const { code, licences } = await bundle('action/main.mjs', FIRST);
mkdirSync(folder, { recursive: true });
writeFileSync(path.join(folder, 'index.js'), code);
writeFileSync(path.join(folder, 'licenses.txt'), licences);
console.log(`${path.join(folder, 'index.js')}: ${Math.round(code.length / 1024)} kB`);
