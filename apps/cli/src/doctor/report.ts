/** Owns how the doctor says what it found: a line for each look, a count at the end, and the exit code. */
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type Output, plain } from '../output.ts';
import type { Finding } from './finding.ts';

const NAME_WIDTH = 13;

/** Prints the findings. @returns 1 if something is wrong */
export function report(findings: readonly Finding[], out: Output): ExitCode {
  const bad = findings.filter((finding) => finding.state === 'wrong');
  const mark = { ok: out.good('ok     '), wrong: out.bad('wrong  '), skipped: out.dim('skipped') };
  const width = Math.max(NAME_WIDTH, ...findings.map(({ name }) => name.length));
  out.result({ ok: bad.length === 0, findings }, [
    ...findings.map(({ name, state, said, next }) => {
      const line = `${mark[state]}  ${name.padEnd(width)}  ${plain(said)}`;
      return next === undefined ? line : `${line}  ${out.bold(`→ ${plain(next)}`)}`;
    }),
    bad.length === 0 ? 'nothing is wrong' : `${bad.length} of ${findings.length} need attention`,
  ]);
  return bad.length === 0 ? EXIT.done : EXIT.problem;
}
