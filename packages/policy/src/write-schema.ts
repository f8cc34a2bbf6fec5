/** Writes the checked-in JSON Schema anew: `pnpm --filter @sallyport/policy schema`. */
import { writeFile } from 'node:fs/promises';
import { policyJsonSchemaText } from './json-schema.ts';

await writeFile(new URL('../schema/policy.schema.json', import.meta.url), policyJsonSchemaText());
