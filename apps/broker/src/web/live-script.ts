/** The one script of the pages: shows anew what is live, by itself. Without it the page loads itself again. */

/**
 * Asks for the same page every few seconds and puts its live part in place of the shown one. Stops when the page says
 * that nothing more will change, and after an hour. The part is made by the same server and parsed, never run.
 */
export const LIVE_JS = `const EVERY_MS = 3000;
const STOP_MS = 3600000;
const started = Date.now();
async function look() {
  const shown = document.querySelector('[data-live]');
  if (shown === null || Date.now() - started > STOP_MS) return;
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' }, redirect: 'error' });
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('#live');
    const now = document.querySelector('#live');
    if (next !== null && now !== null && next.innerHTML !== now.innerHTML) now.replaceWith(next);
    if (next === null) location.reload();
  } catch {}
  setTimeout(look, EVERY_MS);
}
setTimeout(look, EVERY_MS);
`;
