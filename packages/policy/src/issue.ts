/** What is wrong with a policy, and where: file, line, column, path, one sentence. */

/**
 * error: the policy is refused, the old one stays. warning: it loads, but something in it gives nobody anything, such
 * as a reference to somebody who left; it must load, or a removal would be refused and the removed would stay.
 * advice: it works as written, and is worth a second look.
 */
export type Severity = 'error' | 'warning' | 'advice';

/** Members and list indexes from the top of the file. */
export type Path = readonly (string | number)[];

export interface PolicyIssue {
  readonly severity: Severity;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** `rules[1].approvals[0].from`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** More are counted, not listed: whoever reads a thousand has one mistake, made a thousand times. */
export const ISSUES_MAX = 1_000;

const PLAIN_MEMBER = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** Spells a path: `rules[1].match["kubernetes.io"]`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!PLAIN_MEMBER.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

/** One line for people and for editors that jump to `file:line:column`. */
export function formatIssue(issue: PolicyIssue): string {
  const path = issue.path === '' ? '' : ` ${issue.path}:`;
  return `${issue.file}:${issue.line}:${issue.column}: ${issue.severity}:${path} ${issue.message}`;
}

/** By file, then place, then words: the same policy always gives the same list. Beyond ISSUES_MAX the rest is counted. */
export function sortIssues(issues: readonly PolicyIssue[]): readonly PolicyIssue[] {
  const sorted = [...issues].sort(compareIssues);
  const rest = sorted[ISSUES_MAX];
  if (rest === undefined) return sorted;
  const severity = sorted.slice(ISSUES_MAX).some((issue) => issue.severity === 'error') ? 'error' : rest.severity;
  const more = { ...rest, severity, path: '', message: `and ${sorted.length - ISSUES_MAX} more` };
  return [...sorted.slice(0, ISSUES_MAX), more];
}

/** Whether a policy with these issues must be refused. */
export function hasErrors(issues: readonly PolicyIssue[]): boolean {
  return issues.some((issue) => issue.severity === 'error');
}

function compareIssues(a: PolicyIssue, b: PolicyIssue): number {
  return (
    compareText(a.file, b.file) ||
    a.line - b.line ||
    a.column - b.column ||
    compareText(a.path, b.path) ||
    compareText(a.message, b.message)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
