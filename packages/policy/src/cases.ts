/** Cases: questions with the answers a policy must give; what `sallyport policy test` runs. */
import {
  err,
  ok,
  type PersonId,
  type Policy,
  parsePrincipal,
  type ResourceId,
  type Result,
  type RoleId,
} from '@sallyport/core';
import { z } from 'zod';
import type { PolicyIssue } from './issue.ts';
import { misfitIssues } from './joined.ts';
import { simulate } from './simulate.ts';
import { type PolicySource, readSource } from './source.ts';
import { id, principalId } from './text-shapes.ts';

const NAME_OF_PRINCIPAL = 'person:ID or workload:ID';
const principalName = z
  .string({ error: NAME_OF_PRINCIPAL })
  .refine((text) => parsePrincipal(text) !== undefined, { error: NAME_OF_PRINCIPAL });

const caseDocument = z.strictObject({
  name: z.string().min(1).max(200),
  subject: principalName,
  requester: principalName.optional().describe('Default: the subject.'),
  resource: id,
  role: id,
  approved_by: z.array(principalId).max(100).optional().describe('These people approve, in this order.'),
  expect: z.enum(['forbidden', 'nobody_can_approve', 'needs_approval', 'auto_approved', 'approved', 'pending']),
  rule: id.optional().describe('The rule that must have decided.'),
  approvers: z.array(principalId).max(1_000).optional().describe('Exactly these people may decide, in any order.'),
});

const casesDocument = z.strictObject({ version: z.literal(1), cases: z.array(caseDocument).max(5_000) });

type Case = z.output<typeof caseDocument>;

export interface CaseOutcome {
  readonly name: string;
  readonly passed: boolean;
  /** What differs, one sentence each. */
  readonly differences: readonly string[];
  /** The whole explanation, for a case that did not pass. */
  readonly lines: readonly string[];
}

/** Runs the cases of one file against a policy. Issues: the file itself is wrong. */
export function runCases(policy: Policy, source: PolicySource): Result<readonly CaseOutcome[], readonly PolicyIssue[]> {
  const read = readSource(source);
  if (read.issues.length > 0) return err(read.issues);
  const parsed = casesDocument.safeParse(read.value);
  if (!parsed.success) return err(misfitIssues(read, [], parsed.error));
  return ok(parsed.data.cases.map((one) => runCase(policy, one)));
}

function runCase(policy: Policy, one: Case): CaseOutcome {
  const subject = parsePrincipal(one.subject);
  const requester = parsePrincipal(one.requester ?? one.subject);
  if (subject === undefined || requester === undefined) throw new Error('a principal that no schema let through');
  const question = { subject, requester, resource: one.resource as ResourceId, role: one.role as RoleId };
  const simulation = simulate(policy, question, (one.approved_by ?? []) as PersonId[]);
  const { verdict, approvers, lines } = simulation.explanation;
  const answer = one.approved_by === undefined ? verdict.kind : simulation.outcome;
  const differences = [
    ...difference('the answer', one.expect, answer),
    ...difference('the rule', one.rule, verdict.kind === 'forbidden' ? 'none' : verdict.rule.id),
    ...difference('the approvers', one.approvers && listText(one.approvers), listText(approvers)),
  ];
  const passed = differences.length === 0;
  return { name: one.name, passed, differences, lines: passed ? [] : simulationLines(one, lines, simulation.lines) };
}

function simulationLines({ approved_by }: Case, explained: readonly string[], simulated: readonly string[]) {
  return approved_by === undefined ? explained : simulated;
}

function difference(what: string, expected: string | undefined, actual: string): readonly string[] {
  return expected === undefined || expected === actual ? [] : [`${what}: expected ${expected}, but it is ${actual}`];
}

function listText(ids: readonly string[]): string {
  return [...new Set(ids)].sort().join(', ') || 'nobody';
}
