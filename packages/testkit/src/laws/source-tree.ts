/** Owns what the laws look at: every source file of the workspace, which package it is of, and what it imports. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the workspace. */
export const root = fileURLToPath(new URL('../../../../', import.meta.url));

export interface Source {
  /** From the root, with `/`. */
  readonly path: string;
  /** Name of its package without the scope: `core`, `broker`. */
  readonly owner: string;
  /** From its package's `src`. */
  readonly inside: string;
  readonly text: string;
  /** Whether it is a test, or only helps tests: never shipped. */
  readonly isTest: boolean;
  readonly imports: readonly string[];
}

export interface Manifest {
  readonly owner: string;
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
  /** Subpaths others may import: `.`, `./slack`. */
  readonly exports: readonly string[];
}

const IMPORT =
  /(?:^|[\n;])\s*(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;
const TEST_FILE = /\.test\.ts$|\.support\.ts$|\/(?:testing|test-support)\//;

const GROUPS = ['packages', 'apps', 'examples'];

/** Every TypeScript file under `src` of every package, app and example. Read once. */
export const sources: readonly Source[] = GROUPS.flatMap((group) =>
  readdirSync(join(root, group)).flatMap((owner) =>
    filesUnder(join(root, group, owner, 'src')).map((file) => read(owner, group, file)),
  ),
);

/** Every package's manifest. Read once. */
export const manifests: readonly Manifest[] = GROUPS.flatMap((group) =>
  readdirSync(join(root, group)).map((owner) => manifestOf(owner, join(root, group, owner, 'package.json'))),
);

/** A text file of the repository, or undefined when it is not there. */
export function document(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
}

/** A text file that has to be there. */
export function mustRead(path: string): string {
  const text = document(path);
  if (text === undefined) throw new Error(`${path} is missing`);
  return text;
}

/** The code of a file without its comments and without the contents of its strings. */
export function bareCode(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .replace(/(^|[^:'"`\\])\/\/[^\n]*/g, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''");
}

function read(owner: string, group: string, file: string): Source {
  const text = readFileSync(file, 'utf8');
  const path = relative(root, file).split(sep).join('/');
  const imports = [...text.matchAll(IMPORT)].map((found) => found[1] ?? found[2] ?? '');
  return {
    path,
    owner,
    inside: path.slice(`${group}/${owner}/src/`.length),
    text,
    isTest: TEST_FILE.test(path),
    imports,
  };
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function manifestOf(owner: string, file: string): Manifest {
  const parsed = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, unknown> | undefined>;
  const names = (member: string): string[] => Object.keys(parsed[member] ?? {});
  return {
    owner,
    dependencies: names('dependencies'),
    devDependencies: names('devDependencies'),
    exports: names('exports'),
  };
}
