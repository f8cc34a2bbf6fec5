/** Checks that the browser's own files keep to what makes them safe: nodes and text, never HTML made from strings. */
import { expect, test } from '@jest/globals';
import { loadAssets } from './assets.ts';

const scripts = [...loadAssets()]
  .filter(([name]) => name.endsWith('.js'))
  .map(([name, { body }]) => [name, String(body)]);

test.each(scripts)('%s makes no HTML, code or style from strings', (_, source) => {
  expect(source).not.toMatch(
    /innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|DOMParser|document\.write/,
  );
  expect(source).not.toMatch(/\beval\(|new Function|setTimeout\(\s*['"`]|\.setAttribute\('(style|on)/);
});

test('no file names an address elsewhere', () => {
  for (const [name, { body }] of loadAssets()) {
    const found = [...String(body).matchAll(/https?:\/\/[^\s'"`)]+/g)].map((match) => match[0]);
    const isSvgName = (address: string) => address === 'http://www.w3.org/2000/svg';
    expect([name, found.filter((address) => !isSvgName(address))]).toEqual([name, []]);
  }
});
