/** Writes docs/slack-cases.md anew: part of `npm run conformance`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { caseTitles } from './case-titles.ts';
import { readCases } from './slack-case-rows.ts';
import { casesDocument } from './slack-cases.ts';
import { mustRead, root, sources } from './source-tree.ts';

const rows = readCases(mustRead('docs/slack-cases/rows.yaml'));
writeFileSync(join(root, 'docs/slack-cases.md'), casesDocument(rows, caseTitles(sources)));
