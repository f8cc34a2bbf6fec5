/** Whatever a text says, on a page it is a text. */
import { expect, test } from '@jest/globals';
import { visibleText } from '@sallyport/platform';
import fc from 'fast-check';
import { html } from './html.ts';

const nasty = fc.oneof(
  fc.string(),
  fc.constantFrom('<script>alert(1)</script>', '" onload="x', "' onload='x", '</p><img src=x>', '&lt;', '<!--', ']]>'),
);

test('no text ends an element, an attribute or a comment', () => {
  fc.assert(
    fc.property(fc.array(nasty, { maxLength: 5 }), (texts) => {
      const { text } = html`${texts}`;
      expect(text).not.toMatch(/[<>"']/);
      expect(text.replaceAll(/&#\d+;/g, '')).not.toContain('&');
    }),
  );
});

test('every visible text comes out as it went in, once a browser has read it', () => {
  const read = (text: string) => text.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
  fc.assert(
    fc.property(fc.oneof(fc.string(), nasty), (one) => {
      expect(read(html`${one}`.text)).toBe(visibleText(one));
    }),
  );
});

test('what hides text or turns it round is gone', () => {
  expect(html`${'pay\u202egnp.exe\u200b\u0000\ud800'}`.text).toBe('paygnp.exe\ufffd');
});

test('HTML in HTML stays HTML, and nothing shows as nothing', () => {
  expect(html`<ul>${[html`<li>${'<a>'}</li>`, false, undefined]}</ul>`.text).toBe('<ul><li>&#60;a&#62;</li></ul>');
});
