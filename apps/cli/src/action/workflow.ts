/** Owns how a step speaks to GitHub's runner: workflow commands on stdout, and the files named in its environment. */
import { randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import type { Environment } from '@sallyport/platform';
import { plain } from '../output.ts';
import type { Screen } from '../surroundings.ts';

export interface Workflow {
  /** From here on the runner shows `***` in its place. */
  mask(secret: string): void;
  error(text: string): void;
  warning(text: string): void;
  output(name: string, value: string): Promise<void>;
  /** An environment variable for the steps that follow. */
  variable(name: string, value: string): Promise<void>;
  /** For the post step of this very action. */
  state(name: string, value: string): Promise<void>;
  /** A line of Markdown on the run's page. */
  summary(line: string): Promise<void>;
}

/** The runner behind this environment. What it has no file for is left out, as when somebody runs the step by hand. */
export function makeWorkflow(env: Environment, stdout: Pick<Screen, 'write'>): Workflow {
  const command = (name: string, text: string): void => void stdout.write(`::${name}::${escaped(text)}\n`);
  const append = async (file: string | undefined, text: string): Promise<void> => {
    if (file !== undefined && file !== '') await appendFile(file, text);
  };
  return {
    mask: (secret) => command('add-mask', secret),
    error: (text) => command('error title=Sallyport', plain(text)),
    warning: (text) => command('warning title=Sallyport', plain(text)),
    output: (name, value) => append(env.GITHUB_OUTPUT, assignment(name, value)),
    variable: (name, value) => append(env.GITHUB_ENV, assignment(name, value)),
    state: (name, value) => append(env.GITHUB_STATE, assignment(name, value)),
    summary: (line) => append(env.GITHUB_STEP_SUMMARY, `${plain(line)}\n`),
  };
}

/** The runner reads `%`, and ends a command at the end of the line. */
function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** With an end mark nobody can know beforehand: no value can begin a variable of its own. */
function assignment(name: string, value: string): string {
  const end = `end-${randomUUID()}`;
  return `${name}<<${end}\n${value}\n${end}\n`;
}
