/** Owns how a test says which case of the Slack program it shows, and in which mode: its title, and the describe around it. */
import { MODES, type Mode } from './slack-case-rows.ts';
import type { Source } from './source-tree.ts';
import { literals } from './test-titles.ts';

export interface CaseTitle {
  readonly path: string;
  readonly cases: readonly string[];
  /** What follows the numbers. */
  readonly title: string;
  readonly modes: readonly Mode[];
}

/** `case 5: …`, `case 5: case 6: …`, after ids of other lists `I-19 case 5: …`. */
const HEAD = /^(?:[A-Z]+-\d+:? )*((?:case \d+[ab]?: )+)(.+)$/;
const NUMBER = /case (\d+[ab]?): /g;
/** What begins at the left margin: the code is formatted, so what stands right of it lies within. */
const OUTERMOST = /^(?:describe|test)\b[^\n]*/gm;

/** Every title of these sources that begins with the number of a case. */
export function caseTitles(sources: readonly Source[]): readonly CaseTitle[] {
  return sources
    .filter(({ path }) => path.endsWith('.test.ts'))
    .flatMap(({ path, text }) =>
      literals(text).flatMap(({ at, text: literal }) => {
        const [, head = '', title = ''] = HEAD.exec(literal) ?? [];
        const cases = [...head.matchAll(NUMBER)].map((found) => found[1] ?? '');
        return cases.length === 0 ? [] : [{ path, cases, title, modes: modesAround(text, at) }];
      }),
    );
}

function modesAround(text: string, at: number): readonly Mode[] {
  const outermost = [...text.matchAll(OUTERMOST)].findLast((found) => found.index <= at)?.[0] ?? '';
  if (!outermost.startsWith('describe')) return ['http'];
  if (/each\((?:MODES|\['http', 'socket'\])/.test(outermost)) return MODES;
  return /socket mode/i.test(outermost) ? ['socket'] : ['http'];
}
