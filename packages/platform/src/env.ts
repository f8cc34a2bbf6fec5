/** Owns the reading of the environment: NAME_FILE, unknown names, every problem at once. */
import { readFileSync, statSync } from 'node:fs';
import type { z } from 'zod';
import { type ConfigProblem, ConfigProblems } from './config-problems.ts';
import { secretTraits } from './env-fragments.ts';
import { unknownNames } from './env-names.ts';
import { errorCode } from './thrown.ts';

const SECRET_FILE_BYTES_MAX = 65_536;
const SHOWN_CHARACTERS_MAX = 60;

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ParseEnvOptions {
  /** Reads the file a NAME_FILE points to; the file system unless said otherwise. */
  readonly readFile?: (path: string) => string;
  /** Names that may be absent in development and must be set in production. */
  readonly requiredInProduction?: readonly string[];
  /** More checks over the texts (files resolved, empty ones left out); run even when the schema already complained. */
  readonly also?: (given: Readonly<Record<string, string>>) => readonly ConfigProblem[];
}

/**
 * Reads the environment by a schema of the program's own variables.
 *
 * - '' counts as absent; a secret may come as NAME_FILE (one trailing line break is dropped), never as both;
 * - an unknown SALLYPORT_* name is refused; other foreign names are ignored;
 * - with SALLYPORT_ENV=production a weak secret is refused, and so is an absent one of `requiredInProduction`.
 *
 * @returns the schema's output
 * @throws ConfigProblems with every problem found
 */
export function parseEnv<S extends z.ZodObject>(schema: S, env: Environment, opts: ParseEnvOptions = {}): z.output<S> {
  const problems: ConfigProblem[] = unknownNames(setNames(env), knownTo(schema));
  const given = readGiven(schema, env, opts.readFile ?? readSecretFile, problems);
  const settled = new Set(problems.map((p) => p.name));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const found = explain(schema, given, issue);
      if (!settled.has(found.name)) problems.push(found);
    }
  }
  if (env.SALLYPORT_ENV === 'production') {
    problems.push(...insecure(schema, given, opts.requiredInProduction ?? [], settled));
  }
  problems.push(...(opts.also?.(given) ?? []));
  if (!parsed.success || problems.length > 0) throw new ConfigProblems(unique(problems));
  return parsed.data;
}

function setNames(env: Environment): string[] {
  return Object.keys(env)
    .filter((name) => present(env[name]))
    .sort();
}

function present(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}

function knownTo(schema: z.ZodObject): string[] {
  return Object.entries(schema.shape).flatMap(([name, field]) =>
    secretTraits(field) === undefined ? [name] : [name, `${name}_FILE`],
  );
}

/** The texts of the schema's own names, with NAME_FILE resolved. Adds what went wrong to `problems`. */
function readGiven(
  schema: z.ZodObject,
  env: Environment,
  readFile: (path: string) => string,
  problems: ConfigProblem[],
): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [name, field] of Object.entries(schema.shape)) {
    const direct = env[name];
    const path = secretTraits(field) === undefined ? undefined : env[`${name}_FILE`];
    if (present(direct) && present(path))
      problems.push({ name, problem: `is set twice: keep ${name} or ${name}_FILE, not both` });
    if (present(direct)) given[name] = direct;
    else if (present(path)) {
      const read = readGivenFile(`${name}_FILE`, path, readFile);
      if (typeof read === 'string') given[name] = read;
      // Under the plain name, so that the schema's "is missing" does not follow.
      else problems.push({ name, problem: read.problem });
    }
  }
  return given;
}

function readGivenFile(
  name: string,
  path: string,
  readFile: (path: string) => string,
): string | { readonly problem: string } {
  try {
    const text = readFile(path).replace(/\r?\n$/, '');
    return text === '' ? { problem: `the file ${name} points to is empty: ${path}` } : text;
  } catch (thrown) {
    return { problem: `the file ${name} points to cannot be read (${errorCode(thrown) ?? 'unreadable'}): ${path}` };
  }
}

function readSecretFile(path: string): string {
  if (statSync(path).size > SECRET_FILE_BYTES_MAX)
    throw Object.assign(new Error('too large'), { code: 'larger than 64 kB' });
  return readFileSync(path, 'utf8');
}

function explain(schema: z.ZodObject, given: Readonly<Record<string, string>>, issue: z.core.$ZodIssue): ConfigProblem {
  const name = String(issue.path[0] ?? 'environment');
  const field = schema.shape[name];
  const isSecret = field !== undefined && secretTraits(field) !== undefined;
  const value = given[name];
  if (field === undefined) return { name, problem: issue.message };
  if (value === undefined) {
    const missing = issue.code === 'custom' ? issue.message : 'is missing';
    return { name, problem: `${missing}: set ${name}${isSecret ? ` or ${name}_FILE` : ''}` };
  }
  const shown =
    isSecret || value.length > SHOWN_CHARACTERS_MAX || value.includes('@') ? '' : ` (it is ${JSON.stringify(value)})`;
  return { name, problem: `${issue.message}${shown}` };
}

function insecure(
  schema: z.ZodObject,
  given: Readonly<Record<string, string>>,
  required: readonly string[],
  settled: ReadonlySet<string>,
): ConfigProblem[] {
  const absent = required
    .filter((name) => given[name] === undefined && !settled.has(name))
    .map((name) => ({ name, problem: `is missing: production has no default, set ${name}` }));
  const weak = Object.entries(schema.shape).flatMap(([name, field]) => {
    const text = given[name];
    const problem = text === undefined ? undefined : secretTraits(field)?.weakness(text);
    return problem === undefined ? [] : [{ name, problem }];
  });
  return [...absent, ...weak];
}

/** One line per name and problem; an absent name is reported once. */
function unique(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const seen = new Set<string>();
  return problems.filter(({ name, problem }) => {
    const key = problem.startsWith('is missing') ? `${name} is missing` : `${name} ${problem}`;
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
}
