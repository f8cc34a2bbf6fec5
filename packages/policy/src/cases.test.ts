/** The cases of `sallyport policy test`. */
import { describe, expect, test } from '@jest/globals';
import { runCases } from './cases.ts';
import { briefly, compiled, EXAMPLE } from './test-support/example.ts';

const { policy } = compiled(EXAMPLE);
const run = (text: string) => runCases(policy, { file: 'x.cases.yaml', text: `version: 1\ncases:\n${text}` });

describe('runCases', () => {
  test('passes what the policy says', () => {
    const out = run(`
  - name: Alice asks for her pipeline
    subject: workload:payments-deploy
    requester: person:alice@acme.test
    resource: orders-db
    role: admin
    expect: needs_approval
    rule: payments-admin
    approvers: [dan@acme.test, bob@acme.test]
  - { name: both, subject: "person:alice@acme.test", resource: orders-db, role: admin, approved_by: [dan@acme.test, bob@acme.test], expect: approved }
  - { name: one, subject: "person:alice@acme.test", resource: orders-db, role: admin, approved_by: [dan@acme.test], expect: pending }
  - { name: dan, subject: "person:dan@acme.test", resource: orders-db, role: read, expect: forbidden }
`);
    expect(out.ok && out.value.map((one) => [one.passed, one.differences])).toEqual(Array(4).fill([true, []]));
  });

  test('says what differs, and explains', () => {
    const out = run(
      '  - { name: x, subject: "person:alice@acme.test", resource: orders-db, role: read, expect: needs_approval, rule: payments-admin, approvers: [dan@acme.test] }',
    );
    const [one] = out.ok ? out.value : [];
    expect(one?.passed).toBe(false);
    expect(one?.differences).toEqual([
      'the answer: expected needs_approval, but it is auto_approved',
      'the rule: expected payments-admin, but it is payments-read',
      'the approvers: expected dan@acme.test, but it is nobody',
    ]);
    expect(one?.lines.length).toBeGreaterThan(3);
  });

  test('a file that is wrong is an issue with its line, not a failed case', () => {
    const out = run('  - { name: x, subject: alice, resource: orders-db, role: read, expect: yes, extra: 1 }');
    expect(out.ok ? [] : briefly(out.error).toSorted()).toEqual([
      'error cases[0].expect',
      'error cases[0].extra',
      'error cases[0].subject',
    ]);
    expect(out.ok ? 0 : out.error[0]?.line).toBe(3);
  });
});
