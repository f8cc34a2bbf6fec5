/** DetailsChecker: whether what came as `authorization_details` is what the resource declares. */
import type { Detail } from '../domain/details.ts';
import type { Json } from '../domain/json.ts';
import type { Resource } from '../domain/policy.ts';

export interface DetailsChecker {
  /** The details, each of a declared type and valid by its JSON Schema (RFC 9396 section 5); undefined if any is not. */
  check(resource: Resource, details: readonly Json[]): readonly Detail[] | undefined;
}
