/** Owns the drawing of text: runs with a style, paragraphs, quotes, code, lists. */
import { h } from './dom.js';

/**
 * @typedef {import('../src/view/text.ts').Run} Run
 * @typedef {import('../src/view/text.ts').Part} Part
 * @typedef {import('../src/view/people.ts').FaceView} FaceView
 */

/** @param {Part[]} list */
export function parts(list) {
  return list.map((part) => {
    switch (part.kind) {
      case 'quote':
        return h('blockquote', null, runs(part.runs));
      case 'code':
        return h('pre', null, h('code', null, runs(part.runs)));
      case 'list':
        return h(
          part.ordered ? 'ol' : 'ul',
          { class: `list indent-${part.indent}`, start: part.ordered && part.start !== 1 ? part.start : undefined },
          part.items.map((item) => h('li', null, runs(item))),
        );
      default:
        return h('p', null, runs(part.runs));
    }
  });
}

/** @param {Run[]} list */
function runs(list) {
  return list.map((run) => {
    switch (run.kind) {
      case 'mention':
        return h('span', { class: run.you ? 'mention mention-you' : 'mention' }, run.text);
      case 'link':
        return styled(link(run.href, run.text), run.style);
      case 'time': {
        const time = h('time', { datetime: run.iso }, run.text);
        return styled(run.href === undefined ? time : link(run.href, time), run.style);
      }
      default:
        return styled(run.text, run.style);
    }
  });
}

/** @param {string} href @param {import('./dom.js').Kid} inside */
export function link(href, inside) {
  return h('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow' }, inside);
}

/** @param {import('./dom.js').Kid} inside @param {import('../src/view/text.ts').TextStyle | undefined} style */
function styled(inside, style) {
  let out = inside;
  if (style?.code) out = h('code', null, out);
  if (style?.strike) out = h('s', null, out);
  if (style?.underline) out = h('u', null, out);
  if (style?.italic) out = h('em', null, out);
  if (style?.bold) out = h('strong', null, out);
  return out;
}

/** A person's initials in their colour; decoration beside the name. @param {FaceView} face @param {boolean} isApp */
export function avatar(face, isApp = false) {
  return h(
    'span',
    { class: isApp ? 'face face-app' : `face face-${face.hue}`, 'aria-hidden': 'true' },
    isApp ? gate() : face.initials,
  );
}

function gate() {
  return h(
    'svg',
    { class: 'icon', viewBox: '0 0 24 24' },
    h('path', { d: 'M4 20V9l3-2V4h2v2h6V4h2v3l3 2v11h-5v-5a3 3 0 0 0-6 0v5z' }),
  );
}
