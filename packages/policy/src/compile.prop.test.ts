/** What holds of every text, not only of those we thought of. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compilePolicy } from './compile.ts';
import { parseCompiled, serializePolicy } from './compiled.ts';
import { SECTIONS } from './document.ts';
import { compiled, compileText, EXAMPLE } from './test-support/example.ts';

const OPTIONS = { allowHttpIssuers: true };

/** A text with one piece cut out, put in, or doubled. */
const mutated = fc
  .record({
    at: fc.nat(EXAMPLE.length),
    length: fc.nat(40),
    piece: fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ':',
        ' - ',
        '"',
        "'",
        '&a ',
        '*a',
        '!!x ',
        '\n',
        '\t',
        '#',
        '<<',
        'null',
        '~',
        '|',
        '>',
        '%',
        '---',
        '0',
        '-1',
        '\u0000',
        '😀',
      ),
    ),
  })
  .map(({ at, length, piece }) => EXAMPLE.slice(0, at) + piece + EXAMPLE.slice(at + length));

const yamlish = fc
  .array(
    fc.constantFrom(
      'version: 1',
      'rules:',
      '  - id: a',
      '    who: [anyone]',
      '- b',
      '{',
      '}',
      '? x',
      ': y',
      '&a',
      '*a',
      '!!map',
      '"',
      '\n',
      '  ',
      'people: [{id: ann}]',
    ),
    { maxLength: 30 },
  )
  .map((pieces) => pieces.join('\n'));

describe('compilePolicy', () => {
  test('never throws, and every issue has file, line, column, path and words', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 200 }), yamlish, mutated),
        (text) => {
          const out = compileText(text, OPTIONS);
          const issues = out.ok ? out.value.issues : out.error;
          if (!out.ok) expect(issues.some((issue) => issue.severity === 'error')).toBe(true);
          else expect(issues.every((issue) => issue.severity !== 'error')).toBe(true);
          for (const issue of issues) {
            expect(issue.file).toBe('policy.yaml');
            expect(issue.line).toBeGreaterThanOrEqual(1);
            expect(issue.line).toBeLessThanOrEqual(text.split('\n').length + 1);
            expect(issue.column).toBeGreaterThanOrEqual(1);
            expect(issue.message).not.toBe('');
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  test('never throws on any JSON in any place of a policy', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(SECTIONS)), fc.jsonValue({ maxDepth: 4 }), (section, value) => {
        compileText(JSON.stringify({ version: 1, [section]: value }), OPTIONS);
        compileText(JSON.stringify({ version: 1, [section]: [value] }), OPTIONS);
      }),
      { numRuns: 100 },
    );
  });

  test('what compiles is stored and read back as the same policy under the same version', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        const out = compileText(text, OPTIONS);
        if (!out.ok) return;
        const { policy } = out.value;
        const stored: unknown = JSON.parse(JSON.stringify(serializePolicy(policy)));
        expect(parseCompiled(stored)).toEqual(policy);
      }),
      { numRuns: 150 },
    );
  });

  test('a list cut over several files is the list: same policy, same version', () => {
    const people = ['ann', 'bob', 'cem', 'dan', 'eve'];
    fc.assert(
      fc.property(fc.array(fc.nat(people.length), { maxLength: 4 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), people.length];
        const parts = at.slice(1).map((end, index) => people.slice(at[index], end));
        const sources = parts.map((part, index) => ({
          file: `${index}.yaml`,
          text: `version: 1\npeople: [${part.map((id) => `{ id: ${id} }`).join(', ')}]`,
        }));
        const joined = compilePolicy(sources, OPTIONS);
        const whole = compiled(`version: 1\npeople: [${people.map((id) => `{ id: ${id} }`).join(', ')}]`, OPTIONS);
        expect(joined.ok && joined.value.policy).toEqual(whole.policy);
      }),
    );
  });

  test('the version follows the meaning, not the spelling', () => {
    const { version } = compiled(EXAMPLE).policy;
    const respelled = EXAMPLE.replace('    risk: high                      # low | medium | high\n', '')
      .replace('    name: Orders', '    risk: "high"\n    name: Orders')
      .replace('8h', '480m');
    expect(compiled(respelled).policy.version).toBe(version);
    expect(compiled(EXAMPLE.replace('8h', '481m')).policy.version).not.toBe(version);
    const [first, second] = EXAMPLE.slice(EXAMPLE.indexOf('\n  - { id: payments-read')).split(
      /\n(?= {2}- id: payments-admin)/,
    );
    const swapped = `${EXAMPLE.slice(0, EXAMPLE.indexOf('\n  - { id: payments-read'))}\n${second}${first}\n`;
    expect(compiled(swapped).policy.version).not.toBe(version);
  });
});
