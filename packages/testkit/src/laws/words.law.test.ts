/** The law of words: what people read in Slack is written among the views, and nowhere else in that program. */
import { expect, test } from '@jest/globals';
import { type Source, sources } from './source-tree.ts';

/** A literal that begins like a sentence. */
const SENTENCE = /(['"`])[A-Z][a-z'’]*(?:,? [^'"`\n]+|\.)\1/g;
/** What is for whoever runs the program, not for whoever reads Slack. */
const ELSEWHERE = /new Error\(|\.(?:error|warn|info|debug)\(|^\s*(?:\/?\*|\/\/)/;

function literals({ path, text }: Source): readonly string[] {
  return text
    .split('\n')
    .filter((line) => !ELSEWHERE.test(line))
    .flatMap((line) => [...line.matchAll(SENTENCE)].map((found) => `${path}: ${found[0]}`));
}

test('no sentence in a listener or in what is sent', () => {
  const speaking = sources.filter(
    ({ owner, inside, isTest }) => owner === 'slack' && !isTest && /^(?:listeners|outbound)\//.test(inside),
  );
  expect(speaking.length).toBeGreaterThan(30);
  expect(speaking.flatMap(literals)).toEqual([]);
});

test.each([
  ["speak(['Nudged them.'])", 1],
  ["no(FIELDS.text, ['At most that many characters.'])", 1],
  ["throw new Error('Slack said nothing')", 0],
  ["logger.warn('Slack said nothing')", 0],
  ["method === 'POST'", 0],
  ["type: 'plain_text'", 0],
])('%s', (text, count) => {
  expect(literals({ path: 'x.ts', text } as Source)).toHaveLength(count);
});
