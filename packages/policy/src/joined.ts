/** Joins the files of a policy, in order, into lists of items that fit their schema; each item knows where it stood. */
import type { z } from 'zod';
import {
  ITEMS_MAX,
  type ItemOf,
  type LoginDocument,
  loginDocument,
  SECTIONS,
  type Section,
  type SlackDocument,
  slackDocument,
} from './document.ts';
import { type Path, type PolicyIssue, pathText, type Severity } from './issue.ts';
import type { ReadSource } from './source.ts';

export interface Item<T> {
  readonly value: T;
  /** An issue at a member of this item; an empty path means the item itself. */
  issueAt(severity: Severity, path: Path, message: string): PolicyIssue;
}

export type Joined = { readonly [S in Section]: readonly Item<ItemOf<S>>[] } & {
  readonly login?: Item<LoginDocument>;
  readonly slack?: Item<SlackDocument>;
  /** Names of items that do not fit, so that references to them are not called unknown as well. */
  readonly misfits: ReadonlySet<string>;
  readonly issues: readonly PolicyIssue[];
};

/** Checks every item on its own, so that one mistake hides no other. */
export function joinSources(sources: readonly ReadSource[]): Joined {
  const misfits = new Set<string>();
  const issues = sources.flatMap((source) => [...source.issues, ...frameIssues(source)]);
  const section = <S extends Section>(name: S) => collect(sources, name, issues, misfits);
  const login = theOne(sources, 'login', loginDocument, issues);
  const slack = theOne(sources, 'slack', slackDocument, issues);
  return {
    issuers: section('issuers'),
    clients: section('clients'),
    people: section('people'),
    workloads: section('workloads'),
    resources: section('resources'),
    rules: section('rules'),
    delegations: section('delegations'),
    ...(login === undefined ? {} : { login }),
    ...(slack === undefined ? {} : { slack }),
    misfits,
    issues,
  };
}

/** Members a policy has once, beside its lists. */
const SINGLES: readonly string[] = ['login', 'slack'];

/** How a misfit is remembered. */
export function misfitKey(section: Section, name: string): string {
  return `${section} ${name}`;
}

function frameIssues(source: ReadSource): readonly PolicyIssue[] {
  const { value } = source;
  if (!isRecord(value)) {
    return source.issues.length > 0 ? [] : [source.issueAt('error', [], 'a policy file is a map with `version: 1`')];
  }
  const known = (name: string) => name === 'version' || SINGLES.includes(name) || Object.hasOwn(SECTIONS, name);
  const unknown = Object.keys(value).filter((name) => !known(name));
  const issues = unknown.map((name) => source.issueAt('error', [name], `unknown member ${JSON.stringify(name)}`));
  if (value.version !== 1) issues.push(source.issueAt('error', ['version'], 'every policy file says `version: 1`'));
  return issues;
}

function collect<S extends Section>(
  sources: readonly ReadSource[],
  section: S,
  issues: PolicyIssue[],
  misfits: Set<string>,
): readonly Item<ItemOf<S>>[] {
  const items: Item<ItemOf<S>>[] = [];
  for (const source of sources) {
    listOf(source, section, issues).forEach((raw, index) => {
      const path = [section, index];
      const parsed = SECTIONS[section].safeParse(raw);
      if (parsed.success) items.push(itemAt(source, path, parsed.data as ItemOf<S>));
      else issues.push(...misfitIssues(source, path, parsed.error));
      if (!parsed.success) misfits.add(misfitKey(section, nameIn(raw)));
    });
  }
  const over = items[ITEMS_MAX];
  if (over !== undefined) issues.push(over.issueAt('error', [], `more than ${ITEMS_MAX} ${section}`));
  return items;
}

/** What all files together say once: a second would be told from the first by the order of the files. */
function theOne<T>(
  sources: readonly ReadSource[],
  member: string,
  schema: z.ZodType<T>,
  issues: PolicyIssue[],
): Item<T> | undefined {
  let found: Item<T> | undefined;
  for (const source of sources) {
    if (!isRecord(source.value) || source.value[member] === undefined) continue;
    const parsed = schema.safeParse(source.value[member]);
    if (!parsed.success) issues.push(...misfitIssues(source, [member], parsed.error));
    else if (found !== undefined) issues.push(source.issueAt('error', [member], `${member} is said twice`));
    else found = itemAt(source, [member], parsed.data);
  }
  return found;
}

function itemAt<T>(source: ReadSource, path: Path, value: T): Item<T> {
  return {
    value,
    issueAt: (severity, within, message) => source.issueAt(severity, [...path, ...within], message),
  };
}

function listOf(source: ReadSource, section: Section, issues: PolicyIssue[]): readonly unknown[] {
  if (!isRecord(source.value)) return [];
  const list = source.value[section];
  // A list all of whose items were taken out is left as a bare `people:`, which YAML reads as null.
  if (list === undefined || list === null) return [];
  if (Array.isArray(list)) return list;
  issues.push(source.issueAt('error', [section], 'a list; write [] for an empty one'));
  return [];
}

/** What does not fit, each at its own member; what the reading already reported is left out. */
export function misfitIssues(source: ReadSource, path: Path, { issues }: z.ZodError): readonly PolicyIssue[] {
  const known = new Set(source.issues.map((issue) => issue.path));
  return issues
    .flatMap((issue) => {
      const at = [...path, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
      if (issue.code !== 'unrecognized_keys') return [{ at, message: sentence(issue) }];
      return issue.keys.map((name) => ({ at: [...at, name], message: `unknown member ${JSON.stringify(name)}` }));
    })
    .filter(({ at }) => !known.has(pathText(at)))
    .map(({ at, message }) => source.issueAt('error', at, message));
}

/** Our own sentences say what is wanted; the library's say it after a colon. */
function sentence(issue: z.core.$ZodIssue): string {
  const message = issue.message.replace(/^Invalid input: /, '');
  if (issue.code === 'invalid_type' && issue.input === undefined) return `missing: ${message}`;
  return message;
}

function nameIn(raw: unknown): string {
  const name = isRecord(raw) ? (raw.id ?? raw.name) : undefined;
  return typeof name === 'string' ? name : '';
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
