/** Runs the committed action as GitHub's runner does: a process, inputs and files in its environment, commands on its stdout. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ACTION = fileURLToPath(new URL('../../../../action/dist/index.js', import.meta.url));
const FILES = ['GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'];
const STEP_MS = 30_000;

export interface Step {
  readonly exit: number | null;
  /** As the runner shows it: everything masked from the line on that masks it. */
  readonly log: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  readonly summary: string;
}

export interface StepOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Sends SIGINT, as canceling a run does, once stdout has this. */
  readonly cancelAt?: string;
}

/** Runs a step with these inputs. */
export async function runStep(
  inputs: Readonly<Record<string, string>>,
  { env = {}, cancelAt }: StepOptions = {},
): Promise<Step> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-runner-'));
  try {
    for (const name of FILES) await writeFile(join(folder, name), '');
    const files = Object.fromEntries(FILES.map((name) => [name, join(folder, name)]));
    const given = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
    const ran = await run(
      { CI: 'true', GITHUB_ACTIONS: 'true', ...files, ...Object.fromEntries(given), ...env },
      cancelAt,
    );
    const [outputs, variables, state, summary] = await Promise.all(
      FILES.map((name) => readFile(join(folder, name), 'utf8')),
    );
    return {
      ...ran,
      log: masked(ran.stdout),
      outputs: assignments(outputs ?? ''),
      variables: assignments(variables ?? ''),
      state: assignments(state ?? ''),
      summary: summary ?? '',
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the post step of a step gets. */
export function postOf({ state }: Step): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]));
}

function run(
  env: Readonly<Record<string, string>>,
  cancelAt?: string,
): Promise<Pick<Step, 'exit' | 'stdout' | 'stderr'>> {
  const child = spawn(process.execPath, [ACTION], { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: STEP_MS });
  let [stdout, stderr, canceled] = ['', '', false];
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
    if (cancelAt === undefined || canceled || !stdout.includes(cancelAt)) return;
    canceled = child.kill('SIGINT');
  });
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve({ exit, stdout, stderr }));
  });
}

function masked(stdout: string): string {
  const masks: string[] = [];
  const lines = stdout.split('\n').map((line) => {
    const mask = /^::add-mask::(.+)$/.exec(line)?.[1];
    if (mask === undefined) return masks.reduce((text, one) => text.replaceAll(one, '***'), line);
    masks.push(mask);
    return '::add-mask::***';
  });
  return lines.join('\n');
}

/** `name<<end`, the value, `end`. */
function assignments(text: string): Readonly<Record<string, string>> {
  const found = [...text.matchAll(/^([\w-]+)<<(.+)\n([\s\S]*?)\n\2$/gm)];
  return Object.fromEntries(found.map(([, name = '', , value = '']) => [name, value]));
}
