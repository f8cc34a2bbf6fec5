/** Owns what every command has in common: its help, the one reading of what was typed, `--json`, its exit code. */
import type { Command } from 'commander';
import type { z } from 'zod';
import type { ExitCode } from './exit-codes.ts';
import { makeOutput, type Output } from './output.ts';
import type { Surroundings } from './surroundings.ts';

/** What a command works with besides what was typed. */
export interface Shell extends Surroundings {
  readonly out: Output;
}

/** One run of the command line: what is outside, and where the exit code goes. */
export interface Run {
  readonly surroundings: Surroundings;
  finish(exit: ExitCode): void;
}

export interface Definition<S extends z.ZodObject> {
  /** As commander reads it: `approve <request>`. */
  readonly usage: string;
  readonly summary: string;
  /** More than the summary, for `--help`. */
  readonly description?: string;
  readonly options?: readonly (readonly [flags: string, text: string])[];
  /** Whether `--json` is offered; yes unless said otherwise. */
  readonly json?: boolean;
  readonly examples: readonly string[];
  /** What stands below the examples in `--help`. */
  readonly more?: string;
  /** Arguments and options by their camelCase names. */
  readonly given: S;
  readonly act: (given: z.output<S>, shell: Shell) => Promise<ExitCode>;
}

/** What was typed does not fit: every problem in one message. */
export class UsageProblem extends Error {
  readonly command: string;
  constructor(problems: readonly string[], command: string) {
    super(problems.join('\n'));
    this.name = 'UsageProblem';
    this.command = command;
  }
}

/** Adds a command to its parent. */
export function define<S extends z.ZodObject>(parent: Command, run: Run, definition: Definition<S>): void {
  const { usage, summary, description, options = [], json = true, examples, more = '', given, act } = definition;
  const command = parent.command(usage).summary(summary);
  command.description(sentences(summary, description));
  for (const [flags, text] of options) command.option(flags, text);
  if (json) command.option('--json', 'print JSON for machines');
  command.addHelpText('after', exampleText(examples) + more);
  command.action(async () => {
    const typed = typedInto(command);
    const parsed = given.safeParse(typed);
    if (!parsed.success) throw new UsageProblem(problemsOf(command, parsed.error), pathOf(command));
    const out = makeOutput(run.surroundings, typed.json === true);
    run.finish(await act(parsed.data, { ...run.surroundings, out }));
  });
}

/** The summary as a sentence, and what more there is to say below it. */
function sentences(summary: string, description: string | undefined): string {
  const first = `${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}.`;
  return description === undefined ? first : `${first}\n\n${description}`;
}

function exampleText(examples: readonly string[]): string {
  const title = examples.length === 1 ? 'Example:' : 'Examples:';
  return `\n${title}\n${examples.map((line) => `  ${line}`).join('\n')}\n`;
}

function typedInto(command: Command): Readonly<Record<string, unknown>> {
  const args = command.registeredArguments.map((argument, index) => [
    argument.name(),
    command.processedArgs[index] as unknown,
  ]);
  return { ...Object.fromEntries(args), ...command.opts<Record<string, unknown>>() };
}

/** `--not-before must be …`, `<request> is missing`. */
function problemsOf(command: Command, error: z.ZodError): readonly string[] {
  return error.issues.map((issue) => {
    const name = String(issue.path[0] ?? '');
    const option = command.options.find((one) => one.attributeName() === name);
    const shown = option === undefined ? `<${name}>` : (option.long ?? option.flags);
    return `${shown} ${issue.message}`;
  });
}

function pathOf(command: Command): string {
  const above = command.parent;
  return above === null ? command.name() : `${pathOf(above)} ${command.name()}`;
}
