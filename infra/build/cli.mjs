/** `npm run build:cli [folder]`: the callers' command line as one file, dist/sallyport.mjs; runs wherever Node 20 or newer is. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inRoot } from '../local/paths.mjs';
import { bundle } from './bundle.mjs';

/** Some of what is bundled is CommonJS, and asks Node for its own modules by `require`. */
const FIRST = `#!/usr/bin/env node
// Sallyport's command line, Apache-2.0. What came along, and its licences: sallyport.licenses.txt beside it.
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);`;

const folder = process.argv[2] ?? inRoot('dist');
const { code, licences } = await bundle('infra/build/sallyport.mjs', FIRST);
mkdirSync(folder, { recursive: true });
writeFileSync(path.join(folder, 'sallyport.mjs'), code, { mode: 0o755 });
writeFileSync(path.join(folder, 'sallyport.licenses.txt'), licences);
console.log(`${path.join(folder, 'sallyport.mjs')}: ${Math.round(code.length / 1024)} kB`);
