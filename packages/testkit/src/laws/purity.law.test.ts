/** The law of purity: the domain is synchronous and knows no clock, chance or machine; only `main.ts` knows the environment. */
import { expect, test } from '@jest/globals';
import { bareCode, type Source, sources } from './source-tree.ts';

const shipped = sources.filter((source) => !source.isTest);
const found = (all: readonly Source[], words: readonly RegExp[]): string[] =>
  all.flatMap(({ path, text }) => {
    const code = bareCode(text);
    return words.filter((word) => word.test(code)).map((word) => `${path}: ${word.source}`);
  });

const MACHINE = [
  /\bDate\b/,
  /\bMath\.random\b/,
  /\bprocess\b/,
  /\bset(?:Timeout|Interval|Immediate)\b/,
  /\bperformance\b/,
  /\bcrypto\b/,
  /\bconsole\b/,
  /\bglobalThis\b/,
  /\bfetch\(/,
];

test('the domain has no clock, no chance, no machine, and waits for nothing', () => {
  const domain = shipped.filter(({ owner, inside }) => owner === 'core' && inside.startsWith('domain/'));
  expect(domain.length).toBeGreaterThan(20);
  expect(found(domain, [...MACHINE, /\basync\b/, /\bawait\b/, /\bPromise\b/])).toEqual([]);
});

test('the use cases reach the world through ports only', () => {
  const rest = shipped.filter(({ owner, inside }) => owner === 'core' && !inside.startsWith('domain/'));
  expect(found(rest, MACHINE)).toEqual([]);
});

test('ports are types: nothing of them is there when the program runs', () => {
  const ports = shipped.filter(({ owner, inside }) => owner === 'core' && inside.startsWith('ports/'));
  expect(found(ports, [/^export (?!type|interface)/m, /^import (?!type)/m])).toEqual([]);
});

test('a fresh sign-in is proven in one place: the pages of the broker', () => {
  const makers = found(shipped, [/\bfreshSignIn\(/]).filter((one) => !one.startsWith('packages/testkit/'));
  expect(makers.map((one) => one.split(':')[0]).sort()).toEqual([
    'apps/broker/src/web/requests/step-up.ts',
    'packages/core/src/domain/step-up.ts',
  ]);
});

test('only main.ts of an app or example reads the environment', () => {
  const programs = shipped.filter(({ path, owner }) => owner !== 'e2e' && /^(?:apps|examples)\//.test(path));
  const others = programs.filter(({ inside }) => inside !== 'main.ts');
  expect(found(others, [/\bprocess\.env\b/, /\bprocess\[/])).toEqual([]);
});

test('no shipped package reads the environment', () => {
  const packages = shipped.filter(({ path, owner }) => owner !== 'testkit' && path.startsWith('packages/'));
  expect(found(packages, [/\bprocess\.env\b/])).toEqual([]);
});

test('no test measures how long something took: a busy machine is no bug, speed belongs in the bench', () => {
  const tests = sources.filter(({ isTest, inside }) => isTest && !inside.startsWith('laws/'));
  expect(found(tests, [/performance\.now\(\) -/, /expect\(performance\.now/])).toEqual([]);
});

test('every file begins by saying what it owns', () => {
  const silent = sources.filter(({ text }) => !/^(?:#!.*\n)?\/\*\*\s/.test(text));
  expect(silent.map((source) => source.path)).toEqual([]);
});

test('nothing evaluates text, and no import is computed', () => {
  expect(found(shipped, [/(?<!\.)\beval\(/, /\bnew Function\(/, /\bimport\((?!\s*'')/])).toEqual([]);
});
