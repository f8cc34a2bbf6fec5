/** Owns the reading of the recipes in docs/federation: what people copy is what is tested. */
import { readFileSync } from 'node:fs';

const DOCS = new URL('../../../../../docs/federation/', import.meta.url);

/** The fenced blocks of a page in this language, in order. */
export function blocksOf(page: string, language: string): readonly string[] {
  const text = readFileSync(new URL(page, DOCS), 'utf8');
  return [...text.matchAll(/^```(\S+)\n([\s\S]*?)^```$/gm)].flatMap((found) =>
    found[1] === language ? [found[2] ?? ''] : [],
  );
}

/** The one block of a page in this language that has this text in it. Throws when there is none, or are several. */
export function blockWith(page: string, language: string, text: string): string {
  const [found, ...more] = blocksOf(page, language).filter((block) => block.includes(text));
  if (found === undefined || more.length > 0)
    throw new Error(`${page} must have one block of ${language} with ${text}`);
  return found;
}

/** Each line of a shell block as one command: lines that end with a backslash go on. */
export function commandsOf(block: string): readonly string[] {
  return block.replace(/\\\n\s*/g, '').split('\n');
}

/** The value of `--flag value`, without its quotes. */
export function flagOf(command: string, flag: string): string {
  const found = new RegExp(`${flag} (?:"([^"]*)"|(\\S+))`).exec(command);
  if (found === null) throw new Error(`no ${flag} in ${command}`);
  return found[1] ?? found[2] ?? '';
}
