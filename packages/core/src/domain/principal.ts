/** Principals: a person or a workload, and their one spelling, `person:ID` and `workload:ID`. */

export type PersonId = string & { readonly __person: true };
export type WorkloadId = string & { readonly __workload: true };

export type Person = { readonly kind: 'person'; readonly id: PersonId };
export type Workload = { readonly kind: 'workload'; readonly id: WorkloadId };
export type Principal = Person | Workload;
/** `person:ID` or `workload:ID`, as `sub` in tokens and as `subject` and `requester` at the REST door. */
export type PrincipalName = `person:${string}` | `workload:${string}`;

/** RFC 9068 `sub` must fit the tightest reader (Google Cloud: 127 bytes). */
const NAME_BYTES_MAX = 127;
const ID = /^[A-Za-z0-9][A-Za-z0-9@._+-]*$/;

/** The person with this id. */
export function person(id: string): Person {
  return { kind: 'person', id: id as PersonId };
}

/** The workload with this id. */
export function workload(id: string): Workload {
  return { kind: 'workload', id: id as WorkloadId };
}

/** `person:ID` or `workload:ID`. */
export function nameOf(principal: Principal): PrincipalName {
  return `${principal.kind}:${principal.id}`;
}

/** Reads `person:ID` or `workload:ID`; undefined for anything else. */
export function parsePrincipal(text: string): Principal | undefined {
  if (text.startsWith('person:') && isPrincipalId(text.slice(7))) return person(text.slice(7));
  if (text.startsWith('workload:') && isPrincipalId(text.slice(9))) return workload(text.slice(9));
  return undefined;
}

/** Whether a text may be the id of a person or workload: ASCII, and short enough for every reader of `sub`. */
export function isPrincipalId(text: string): boolean {
  return ID.test(text) && text.length + 'workload:'.length <= NAME_BYTES_MAX;
}

/** Whether two principals are the same one. */
export function samePrincipal(a: Principal, b: Principal): boolean {
  return a.kind === b.kind && a.id === b.id;
}
