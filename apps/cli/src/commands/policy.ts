/** `sallyport policy`: check, explain, simulate and test a policy on disk; print its JSON Schema. Nothing here needs a running product. */
import type { Policy, Question, ResourceId, RoleId } from '@sallyport/core';
import type { PolicyIssue } from '@sallyport/policy';
import type { Command } from 'commander';
import { z } from 'zod';
import { define, type Run, type Shell } from '../define.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { flag, people, principal, required } from '../fields.ts';
import { plain } from '../output.ts';
import { policySettings } from '../settings.ts';

const EXAMPLE = 'infra/policies/example';
const QUESTION_OPTIONS = [
  ['--subject <principal>', 'whom the access is for: person:ID or workload:ID'],
  ['--resource <id>', 'the resource'],
  ['--role <id>', 'the role'],
  ['--requester <principal>', 'who asks; the subject unless said otherwise'],
] as const;
const ASKED = '--subject workload:payments-deploy --requester person:alice@acme.test --resource orders-db --role admin';

const path = z.object({ path: required(4_096), json: flag });
const question = path.extend({
  subject: principal,
  resource: required(127).transform((id) => id as ResourceId),
  role: required(127).transform((id) => id as RoleId),
  requester: principal.optional(),
});

/** Adds the commands. */
export function policyCommands(parent: Command, run: Run): void {
  const group = parent.command('policy').helpCommand(false).summary('check, explain, simulate and test a policy');
  group.description('Works on a policy file, or a folder of them, on disk. Needs nothing that runs.');

  define(group, run, {
    usage: 'check <path>',
    summary: 'say everything that is wrong with a policy',
    description: 'Prints every problem as file:line:column. Errors end with exit code 1; warnings and advice do not.',
    examples: [`sallyport policy check ${EXAMPLE}`],
    given: path,
    act: check,
  });
  define(group, run, {
    usage: 'explain <path>',
    summary: 'say who gets what, by which rule, and who could approve',
    options: QUESTION_OPTIONS,
    examples: [`sallyport policy explain ${EXAMPLE} ${ASKED}`],
    given: question,
    act: explain,
  });
  define(group, run, {
    usage: 'simulate <path>',
    summary: 'say what would come of it if these people approved',
    options: [...QUESTION_OPTIONS, ['--approved-by <people>', 'who approves, in this order, separated by commas']],
    examples: [`sallyport policy simulate ${EXAMPLE} ${ASKED} --approved-by bob@acme.test,dan@acme.test`],
    given: question.extend({ approvedBy: people }),
    act: simulate,
  });
  define(group, run, {
    usage: 'test <path>',
    summary: 'run the *.cases.yaml beside a policy',
    description: 'A case that does not come out as expected, or no case at all, ends with exit code 1.',
    examples: [`sallyport policy test ${EXAMPLE}`],
    given: path,
    act: test,
  });
  define(group, run, {
    usage: 'schema',
    summary: 'print the JSON Schema of a policy file, for editors',
    json: false,
    examples: ['sallyport policy schema > policy.schema.json'],
    given: z.object({}),
    act: async (_, { out }) => {
      const { policyJsonSchema } = await import('@sallyport/policy');
      out.line(JSON.stringify(policyJsonSchema(), null, 2));
      return EXIT.done;
    },
  });
}

async function check(given: z.output<typeof path>, { env, out }: Shell): Promise<ExitCode> {
  const { loadPolicy } = await import('@sallyport/policy');
  const loaded = await loadPolicy(given.path, policySettings(env));
  const issues = loaded.ok ? loaded.value.issues : loaded.error;
  const version = loaded.ok ? loaded.value.policy.version : null;
  out.result({ ok: loaded.ok, version, issues }, [
    ...(await issueLines(issues, out)),
    loaded.ok
      ? `${out.good('ok')}  ${sizeOf(loaded.value.policy)}, version ${loaded.value.policy.version.slice(0, 12)}`
      : `${out.bad('refused')}  ${count(issues.filter((issue) => issue.severity === 'error').length, 'error')}`,
  ]);
  return loaded.ok ? EXIT.done : EXIT.problem;
}

async function explain(given: z.output<typeof question>, { env, out }: Shell): Promise<ExitCode> {
  const policy = await compiled(given.path, { env, out });
  if (policy === undefined) return EXIT.problem;
  const engine = await import('@sallyport/policy');
  const { verdict, approvers, lines } = engine.explain(policy, questionOf(given));
  const rule = verdict.kind === 'forbidden' ? null : verdict.rule.id;
  out.result({ verdict: verdict.kind, rule, approvers, because: verdict.because }, lines.map(plainIndented));
  return EXIT.done;
}

async function simulate(
  given: z.output<typeof question> & { readonly approvedBy: z.output<typeof people> },
  { env, out }: Shell,
): Promise<ExitCode> {
  const policy = await compiled(given.path, { env, out });
  if (policy === undefined) return EXIT.problem;
  const engine = await import('@sallyport/policy');
  const { outcome, explanation, lines } = engine.simulate(policy, questionOf(given), given.approvedBy);
  const rule = explanation.verdict.kind === 'forbidden' ? null : explanation.verdict.rule.id;
  out.result({ outcome, rule, approvers: explanation.approvers }, lines.map(plainIndented));
  return EXIT.done;
}

async function test(given: z.output<typeof path>, { env, out }: Shell): Promise<ExitCode> {
  const policy = await compiled(given.path, { env, out });
  if (policy === undefined) return EXIT.problem;
  const { loadCases, runCases } = await import('@sallyport/policy');
  const files = await loadCases(given.path);
  const runs = files.ok ? files.value.map((file) => runCases(policy, file)) : [files];
  const issues = runs.flatMap((one) => (one.ok ? [] : one.error));
  const cases = runs.flatMap((one) => (one.ok ? one.value : []));
  const failed = cases.filter((one) => !one.passed);
  out.result({ ok: issues.length + failed.length === 0 && cases.length > 0, cases, issues }, [
    ...(await issueLines(issues, out)),
    ...cases.flatMap(({ name, passed, differences, lines }) => [
      `${passed ? out.good('ok') : out.bad('not ok')}  ${plain(name)}`,
      ...differences.map((line) => `    ${out.bad(plain(line))}`),
      ...lines.map((line) => `    ${plainIndented(line)}`),
    ]),
    cases.length === 0
      ? `${out.bad('no cases')}  put some into a *.cases.yaml beside the policy`
      : `${cases.length - failed.length} of ${count(cases.length, 'case')} as expected`,
  ]);
  return issues.length + failed.length === 0 && cases.length > 0 ? EXIT.done : EXIT.problem;
}

/** Compiles; prints why it cannot. */
async function compiled(from: string, { env, out }: Pick<Shell, 'env' | 'out'>): Promise<Policy | undefined> {
  const { loadPolicy } = await import('@sallyport/policy');
  const loaded = await loadPolicy(from, policySettings(env));
  if (loaded.ok) return loaded.value.policy;
  for (const line of await issueLines(loaded.error, out)) out.note(line);
  out.note(`Mend the policy first: sallyport policy check ${plain(from)}`);
  return undefined;
}

function questionOf({ subject, requester, resource, role }: z.output<typeof question>): Question {
  return { subject, requester: requester ?? subject, resource, role };
}

async function issueLines(issues: readonly PolicyIssue[], out: Shell['out']): Promise<readonly string[]> {
  const { formatIssue } = await import('@sallyport/policy');
  const paint = { error: out.bad, warning: out.warn, advice: out.dim };
  return issues.map((issue) =>
    plain(formatIssue(issue)).replace(`: ${issue.severity}:`, `: ${paint[issue.severity](issue.severity)}:`),
  );
}

/** As `plain`, keeping the indentation that shows what belongs to what. */
function plainIndented(line: string): string {
  const indent = /^ */.exec(line)?.[0] ?? '';
  return indent + plain(line.slice(indent.length));
}

function sizeOf({ people: known, workloads, resources, rules }: Policy): string {
  return [
    count(known.length, 'person', 'people'),
    count(workloads.length, 'workload'),
    count(resources.length, 'resource'),
    count(rules.length, 'rule'),
  ].join(', ');
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
