/** Owns the calls that do something on the person's behalf, and telling them when it went wrong. */
import { redraw, tell, ui } from './state.js';

const ACT_MS = 15_000;

/**
 * Plays an act as the person who is drawn. Trouble is told unless `isQuiet`.
 * @param {Record<string, unknown>} act @param {{ isQuiet?: boolean, pending?: string, signal?: AbortSignal }} how
 * @returns {Promise<import('./state.js').ActAnswer>}
 */
export async function play(act, { isQuiet = false, pending = '', signal } = {}) {
  if (pending !== '') {
    ui.pending.add(pending);
    redraw();
  }
  const answer = await send({ as: ui.page?.you.id ?? ui.ask.as, ...act }, signal);
  if (pending !== '') {
    ui.pending.delete(pending);
    redraw();
  }
  if (!isQuiet) speak(answer);
  return answer;
}

/** @param {Record<string, unknown>} act @param {AbortSignal | undefined} signal */
async function send(act, signal) {
  const nothing = { ackMs: null, isLate: false };
  try {
    const response = await fetch('/page/act', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(act),
      signal: signal ?? AbortSignal.timeout(ACT_MS),
    });
    if (response.ok) return await response.json();
    return { ...nothing, trouble: `The workspace did not take that (${response.status}).` };
  } catch {
    return { ...nothing, trouble: 'The workspace did not answer. Is it still running?' };
  }
}

/** @param {import('./state.js').ActAnswer} answer */
function speak({ trouble, isLate, ackMs }) {
  if (trouble !== '') tell(trouble);
  else if (isLate && ackMs !== null) tell(`The app answered after ${(ackMs / 1000).toFixed(1)} s. Slack waits 3 s.`);
}
