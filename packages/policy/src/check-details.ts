/** What resources declare for authorization_details (RFC 9396): schemas that can be used, and that let through only what they name. */
import type { JsonObject } from '@sallyport/core';
import { schemaProblem } from './details.ts';
import type { PolicyIssue } from './issue.ts';
import type { Joined } from './joined.ts';

export function checkDetails({ resources }: Joined): readonly PolicyIssue[] {
  return resources.flatMap((resource) =>
    Object.entries(resource.value.authorization_details ?? {}).flatMap(([type, schema]) => {
      const path = ['authorization_details', type];
      const problem = schemaProblem(schema as JsonObject);
      if (problem !== undefined) return [resource.issueAt('error', path, `not a usable JSON Schema: ${problem}`)];
      if (schema.additionalProperties === false || schema.unevaluatedProperties === false) return [];
      return [
        resource.issueAt('warning', path, 'lets through members it does not name: set additionalProperties: false'),
      ];
    }),
  );
}
