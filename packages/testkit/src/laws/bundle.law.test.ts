/** The law of the committed bundle: GitHub runs what lies in action/dist, so it has to be what the sources give. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { document, root } from './source-tree.ts';

const BUILD_MS = 60_000;

test(
  'action/dist is byte for byte what `npm run build:action` makes now',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-action-'));
    try {
      await promisify(execFile)(process.execPath, [join(root, 'infra/build/action.mjs'), folder], {
        timeout: BUILD_MS,
      });
      for (const name of ['index.js', 'licenses.txt']) {
        // Compared as a yes or no: half a megabyte of difference helps nobody.
        const isSame = (await readFile(join(folder, name), 'utf8')) === document(`action/dist/${name}`);
        expect([name, isSame]).toEqual([name, true]);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  BUILD_MS,
);
