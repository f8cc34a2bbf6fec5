/** The JSON Schema of a policy file, made of the schema that reads it; for editors. */
import { z } from 'zod';
import { policyDocument } from './document.ts';

const TITLE = 'Sallyport policy';

/** JSON Schema, draft 2020-12. What it cannot say (who refers to whom) `sallyport policy check` says. */
export function policyJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...rest } = z.toJSONSchema(policyDocument, { io: 'input' });
  return { $schema, title: TITLE, ...rest };
}

/** As it is checked in. */
export function policyJsonSchemaText(): string {
  return `${JSON.stringify(policyJsonSchema(), null, 2)}\n`;
}
