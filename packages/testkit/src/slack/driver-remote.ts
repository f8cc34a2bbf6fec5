/** Gives the test driver its two ways to a workspace: the engine in this process, or the control API over HTTP. */
import { setTimeout as sleep } from 'node:timers/promises';
import { changeAfter, type Snapshot, snapshotOf } from './control.ts';
import { type ControlBody, type ControlName, control } from './control-calls.ts';
import type { SlackEngine } from './face.ts';

export interface Remote {
  read(): Promise<Snapshot>;
  call<N extends ControlName>(name: N, body: ControlBody<N>): Promise<unknown>;
  /** Resolves after a change behind this sequence number, or after `ms`. */
  changed(after: number, ms: number): Promise<void>;
}

/** The engine itself; bodies are checked as over HTTP. */
export function localRemote(engine: SlackEngine): Remote {
  return {
    read: async () => snapshotOf(engine),
    call: (name, body) => control(engine, name, body),
    changed: (after, ms) => changeAfter(engine, after, ms),
  };
}

/** The control API of a running workspace, e.g. `http://127.0.0.1:8083`. */
export function httpRemote(url: string): Remote {
  const base = `${url.replace(/\/$/, '')}/control`;
  const answer = async (response: Response): Promise<unknown> => {
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(`${response.url}: ${response.status} ${JSON.stringify(body)}`);
    return body;
  };
  return {
    read: async () => (await answer(await fetch(`${base}/state`))) as Snapshot,
    async call(name, body) {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
      return answer(await fetch(`${base}/${name}`, init));
    },
    async changed(after, ms) {
      const response = await fetch(`${base}/state?after=${after}&wait_ms=${ms}`).catch(() => undefined);
      if (response) await response.arrayBuffer();
      else await sleep(Math.min(ms, 200));
    },
  };
}
