/** Law: the JSON Schema that editors use is the schema that reads policies. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { policyJsonSchema, policyJsonSchemaText } from './json-schema.ts';

test('schema/policy.schema.json is current: run `pnpm --filter @sallyport/policy schema`', async () => {
  const checkedIn = await readFile(new URL('../schema/policy.schema.json', import.meta.url), 'utf8');
  expect(checkedIn).toBe(policyJsonSchemaText());
});

test('every list of a policy is described, and refuses unknown members', () => {
  const properties = policyJsonSchema().properties as Record<
    string,
    { items?: { description?: string; additionalProperties?: unknown } }
  >;
  for (const name of ['issuers', 'clients', 'people', 'workloads', 'resources', 'rules']) {
    expect(properties[name]?.items?.description).toMatch(/\.$/);
    expect(properties[name]?.items?.additionalProperties).toBe(false);
  }
});
