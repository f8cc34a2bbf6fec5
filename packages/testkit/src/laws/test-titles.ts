/** Owns how a test says what it proves: the ids at the head of its title, of a `describe` around it, or of a row of its `each`. */
import type { Source } from './source-tree.ts';

export interface Titled {
  readonly path: string;
  /** Ids of rows at the head, invariants left out: `S10`, `S11`. */
  readonly ids: readonly string[];
  /** What follows the ids. */
  readonly title: string;
}

/** A text that comes first in a call or a list; what is skipped proves nothing. */
const FIRST = /(?<!\.(?:skip|todo))[([]\s*(['"`])((?:(?!\1)[^\\\n]|\\.)*)\1\s*[,)]/g;
/** `S10, S11: …`, `H2 H3: …`, `I-9 P14: …`. */
const HEAD = /^((?:I-\d+|[A-Z]\d+)(?:,? (?:I-\d+|[A-Z]\d+))*): (.+)$/;

/** Every title of these sources that begins with ids of rows. */
export function titlesWithIds(sources: readonly Source[]): readonly Titled[] {
  return sources.filter(isTest).flatMap(({ path, text }) =>
    literals(text).flatMap((literal) => {
      const [, head = '', title = ''] = HEAD.exec(literal.text) ?? [];
      const ids = head.split(/,? /).filter((one) => /^[A-Z]\d+$/.test(one));
      return ids.length === 0 ? [] : [{ path, ids, title }];
    }),
  );
}

/** Every text that comes first in a call or a list, and where it stands. */
export function literals(text: string): readonly { readonly text: string; readonly at: number }[] {
  return [...text.matchAll(FIRST)].map((found) => ({ text: unescaped(found[2] ?? ''), at: found.index }));
}

/** Test files, and the contracts that test files call. */
function isTest({ path }: Source): boolean {
  return path.endsWith('.test.ts') || path.includes('/src/contracts/');
}

function unescaped(literal: string): string {
  return literal.replace(/\\(.)/g, '$1');
}
