/** DS-4: what YAML can do and a policy must not. */
import { describe, expect, test } from '@jest/globals';
import { readSource, SOURCE_BYTES_MAX } from './source.ts';

const read = (text: string) => readSource({ file: 'f.yaml', text });
const messages = (text: string) => read(text).issues.map((issue) => `${issue.line}:${issue.column} ${issue.message}`);

describe('readSource', () => {
  test('JSON is YAML, tabs and all', () => {
    const out = read('{\n\t"a": [1, true, null, "x"],\n\t"b": {"c": "\\u00e9"}\n}');
    expect(out.issues).toEqual([]);
    expect(out.value).toEqual({ a: [1, true, null, 'x'], b: { c: 'é' } });
  });

  test('YAML 1.2: yes, no, on, off are texts, and so is 0o-less 010', () => {
    expect(read('a: [yes, no, on, off]\nb: 12:30').value).toEqual({ a: ['yes', 'no', 'on', 'off'], b: '12:30' });
  });

  test('anchors and aliases work, and issues point at the text', () => {
    const out = read('a: &x\n  - one\nb: *x\n');
    expect(out.value).toEqual({ a: ['one'], b: ['one'] });
    expect(out.issueAt('error', ['a', 0], '').line).toBe(2);
  });

  test('a doubled member', () => {
    expect(messages('a: 1\nb: 2\na: 3')).toEqual(['3:1 the same member twice']);
  });

  test.each([
    ['!!js/function "x"'],
    ['!foo bar'],
    ['!!binary aGk='],
    ['!!set {a}'],
    ['!!str 1'],
    ['!!python/object/apply:os.system [ls]'],
  ])('the tag in %s', (text) => {
    expect(read(`a: ${text}`).issues.length).toBeGreaterThan(0);
  });

  test('merge keys', () => {
    expect(messages('a: &x { b: 1 }\nc:\n  <<: *x')).toEqual(['3:3 merge keys are not used here']);
  });

  test.each([
    ['__proto__: { admin: true }'],
    ['? [a, b]\n: 1'],
    ['a: .inf'],
    ['a: .nan'],
    ['a: 12345678901234567890'],
    ['a: "x\\0y"'],
    ['a: "\\ud800"'],
    ['%YAML 1.1\n---\na: yes'],
    ['a: 1\n---\nb: 2'],
    ['a: *nowhere'],
    ['a: [1, 2'],
    ['a: "unclosed'],
    ['\ta: 1'],
    ['a: b: c'],
  ])('%j is refused', (text) => {
    const out = read(text);
    expect(out.issues.length).toBeGreaterThan(0);
    for (const issue of out.issues) expect(issue).toMatchObject({ severity: 'error', file: 'f.yaml' });
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  test('an alias that contains itself ends', () => {
    expect(messages('a: &x [*x]').length).toBeGreaterThan(0);
  });

  test('a billion laughs end after a bounded number of values', () => {
    const levels = Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n},`.repeat(9).slice(0, -1)}]`);
    expect(messages(`l0: &l0 [lol]\n${levels.join('\n')}`).join()).toMatch(/more than/);
  });

  test('depth, in block and flow style', () => {
    expect(messages('['.repeat(20_000)).length).toBeGreaterThan(0);
    expect(messages('['.repeat(200) + ']'.repeat(200)).join()).toMatch(/nested too deeply/);
    expect(messages('- '.repeat(3_000)).join()).toMatch(/nested too deeply/);
  });

  test('size, and many members in one map, in bounded work', () => {
    expect(messages('x'.repeat(SOURCE_BYTES_MAX + 1)).join()).toMatch(/larger than/);
    const members = Array.from({ length: 50_000 }, (_, n) => `k${n}: 1`).join('\n');
    const before = process.cpuUsage();
    expect(read(members).issues).toEqual([]);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(10_000);
  });
});
