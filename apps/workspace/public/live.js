/** Owns the stream from the server: opens it, takes each new view, comes back after a break and gives up in the end. */
import { redraw, ui } from './state.js';

const FIRST_MS = 500;
const LONGEST_MS = 10_000;
const TRIES_MAX = 30;
/** A page nobody looks at gives its connection back: a browser has only six for all its tabs of one server. */
const HIDDEN_MS = 10_000;

/** @type {EventSource | undefined} */
let source;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;
let tries = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let leaving;

/** Opens the stream for what is asked now; a stream for something else ends. */
export function openLink() {
  tries = 0;
  connect();
}

/** Tries again now, after it was given up or when the browser is back. */
export function retryLink() {
  if (ui.link !== 'open' && ui.link !== 'opening') openLink();
}

/** Ends the stream some time after the page was hidden, and opens it again when it is seen. */
export function followVisibility() {
  clearTimeout(leaving);
  if (document.visibilityState === 'visible') {
    if (source === undefined) openLink();
    else retryLink();
    return;
  }
  leaving = setTimeout(() => {
    clearTimeout(waiting);
    source?.close();
    source = undefined;
  }, HIDDEN_MS);
}

function connect() {
  clearTimeout(waiting);
  source?.close();
  if (ui.link !== 'open') ui.link = 'opening';
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const opened = new EventSource(`/page/live?${new URLSearchParams({ ...ui.ask, zone })}`);
  source = opened;
  opened.addEventListener('message', (event) => {
    if (source !== opened) return;
    tries = 0;
    ui.link = 'open';
    ui.page = JSON.parse(event.data);
    redraw();
  });
  opened.addEventListener('error', () => {
    if (source === opened) lost(opened);
  });
}

/** @param {EventSource} opened */
function lost(opened) {
  // Our own pace instead of the browser's endless one.
  opened.close();
  tries += 1;
  ui.link = tries > TRIES_MAX ? 'given up' : 'lost';
  if (ui.link === 'lost') waiting = setTimeout(connect, Math.min(FIRST_MS * 2 ** (tries - 1), LONGEST_MS));
  redraw();
}
