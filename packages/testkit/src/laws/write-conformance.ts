/** Writes docs/conformance.md anew: `npm run conformance`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformanceDocument } from './conformance.ts';
import { readRows } from './conformance-rows.ts';
import { mustRead, root, sources } from './source-tree.ts';
import { titlesWithIds } from './test-titles.ts';

const rows = readRows(mustRead('docs/conformance/rows.yaml'));
writeFileSync(join(root, 'docs/conformance.md'), conformanceDocument(rows, titlesWithIds(sources)));
