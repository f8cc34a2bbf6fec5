/** Owns what is read aloud beside new messages of the open place (that list is live itself): changes, other places, form errors. */

/** @typedef {import('./state.js').PageView} PageView */

/** @type {{ place: string, spoken: Map<string, string>, newest: Map<string, string> } | null} */
let heard = null;
let invalid = '';

/** Says what is new since the last drawing. @param {PageView} page */
export function announceNews(page) {
  const place = `${page.you.id}/${page.here.id}`;
  const messages = page.here.kind === 'conversation' ? page.here.messages.flatMap((m) => [m, ...m.replies]) : [];
  const spoken = new Map(messages.map((message) => [message.ts, message.spoken]));
  const newest = new Map([...page.channels, ...page.directs].map(({ id, newest: ts }) => [id, ts]));
  if (heard !== null && heard.place === place) {
    const before = heard;
    const lines = messages
      .filter(({ ts, spoken: now }) => before.spoken.has(ts) && before.spoken.get(ts) !== now)
      .map(({ author, time }) => `The message from ${author.name}, ${time}, has changed`);
    const elsewhere = [...page.channels, ...page.directs]
      .filter(({ id, isOpen, newest: ts }) => !isOpen && ts > (before.newest.get(id) ?? ''))
      .map(({ name }) => `New message in ${name}`);
    if (lines.length + elsewhere.length > 0) say([...lines, ...elsewhere].slice(0, 4).join('. '));
  }
  heard = { place, spoken, newest };
  focusFirstError(page);
}

/** @param {string} text */
function say(text) {
  const announcer = document.getElementById('announcer');
  if (announcer !== null) announcer.textContent = text;
}

/** When a form comes back with other errors than before, the first wrong field gets the focus. @param {PageView} page */
function focusFirstError(page) {
  const errors = page.modal?.blocks.map((block) => (block.kind === 'input' ? block.error : '')).join('|') ?? '';
  const now = errors.replace(/\|/g, '') === '' ? '' : `${page.modal?.id} ${errors}`;
  if (now !== '' && now !== invalid) {
    const field = document.querySelector('dialog .has-error :is(input, select, textarea)');
    if (field instanceof HTMLElement) field.focus();
  }
  invalid = now;
}
