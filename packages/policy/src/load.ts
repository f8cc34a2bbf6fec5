/** Loads a policy from disk: one file, or a folder of them in the order of their names; and the cases beside it. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { err, ok, type Result } from '@sallyport/core';
import { type CompiledPolicy, type CompileOptions, compilePolicy } from './compile.ts';
import type { PolicyIssue } from './issue.ts';
import { type PolicySource, SOURCE_BYTES_MAX } from './source.ts';

const POLICY_FILE = /^[^.].*\.(?:yaml|yml|json)$/;
/** Cases lie beside the policy they test and are no part of it. */
const CASES_FILE = /^[^.].*\.cases\.(?:yaml|yml|json)$/;
const FILES_MAX = 500;
const TOTAL_LENGTH_MAX = 16 * SOURCE_BYTES_MAX;

/**
 * Reads and compiles a file, or all `*.yaml`, `*.yml`, `*.json` of a folder (not of its folders; names that begin with
 * a dot are left out). Issues name files as `path` gives them. What cannot be read is an issue, never a throw.
 */
export async function loadPolicy(
  path: string,
  options: CompileOptions,
): Promise<Result<CompiledPolicy, readonly PolicyIssue[]>> {
  const sources = await readable(() => readSources(path));
  return sources.ok ? compilePolicy(sources.value, options) : sources;
}

/** Reads all `*.cases.yaml` (`.yml`, `.json`) of a policy folder, or beside a policy file; perhaps none. */
export async function loadCases(path: string): Promise<Result<readonly PolicySource[], readonly PolicyIssue[]>> {
  return readable(async () => {
    const folder = (await attempt(path, () => stat(path))).isDirectory() ? path : dirname(path);
    return readAll(await filesIn(folder, (name) => CASES_FILE.test(name)));
  });
}

async function readable<T>(read: () => Promise<T>): Promise<Result<T, readonly PolicyIssue[]>> {
  try {
    return ok(await read());
  } catch (thrown) {
    if (thrown instanceof Unreadable) return err([wholeFile(thrown.file, thrown.message)]);
    throw thrown;
  }
}

class Unreadable extends Error {
  readonly file: string;
  constructor(file: string, what: string) {
    super(what);
    this.file = file;
  }
}

async function readSources(path: string): Promise<readonly PolicySource[]> {
  if (!(await attempt(path, () => stat(path))).isDirectory()) return readAll([path]);
  const files = await filesIn(path, (name) => POLICY_FILE.test(name) && !CASES_FILE.test(name));
  if (files.length === 0) throw new Unreadable(path, 'no *.yaml, *.yml or *.json in this folder');
  return readAll(files);
}

async function filesIn(folder: string, wanted: (name: string) => boolean): Promise<readonly string[]> {
  const names = (await attempt(folder, () => readdir(folder))).filter(wanted);
  if (names.length > FILES_MAX) throw new Unreadable(folder, `more than ${FILES_MAX} files`);
  return names.sort((a, b) => (a < b ? -1 : 1)).map((name) => join(folder, name));
}

async function readAll(files: readonly string[]): Promise<readonly PolicySource[]> {
  const sources: PolicySource[] = [];
  let length = 0;
  for (const file of files) {
    const source = await readText(file);
    length += source.text.length;
    if (length > TOTAL_LENGTH_MAX) throw new Unreadable(file, `more than ${TOTAL_LENGTH_MAX} characters together`);
    sources.push(source);
  }
  return sources;
}

async function readText(file: string): Promise<PolicySource> {
  const { size } = await attempt(file, () => stat(file));
  if (size > SOURCE_BYTES_MAX) throw new Unreadable(file, `larger than ${SOURCE_BYTES_MAX} bytes`);
  const bytes = await attempt(file, () => readFile(file));
  try {
    return { file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    throw new Unreadable(file, 'not UTF-8');
  }
}

async function attempt<T>(file: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : 'unknown';
    throw new Unreadable(file, code === 'ENOENT' ? 'there is no such file or folder' : `cannot be read (${code})`);
  }
}

function wholeFile(file: string, message: string): PolicyIssue {
  return { severity: 'error', file, line: 1, column: 1, path: '', message };
}
