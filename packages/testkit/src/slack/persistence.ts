/** Keeps the state in one file: written atomically, a little after each change, read back at start. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { WorkspaceState } from './model.ts';
import type { Store } from './store.ts';

const WRITE_DELAY_MS = 150;

const record = z.record(z.string(), z.unknown());
// The file is our own: its outline is checked, so that an older or foreign one is set aside instead of half understood.
const outline = z.looseObject({
  version: z.literal(1),
  seq: z.number(),
  last_ts_us: z.number(),
  teams: record,
  app: record,
  users: record,
  groups: record,
  channels: record,
  messages: record,
  ephemerals: record,
  views: record,
  homes: record,
  notices: record,
  violations: z.array(z.unknown()),
  response_urls: record,
});

/** The saved state, or undefined. A file that is not ours or is damaged is renamed `….unreadable`, never overwritten. */
export function loadState(path: string): WorkspaceState | undefined {
  if (!existsSync(path)) return undefined;
  const state = parseState(readFileSync(path, 'utf8'));
  if (!state) {
    renameSync(path, `${path}.unreadable`);
    return undefined;
  }
  for (const stack of Object.values(state.views)) for (const view of stack) view.busy = false;
  return state;
}

function parseState(text: string): WorkspaceState | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return outline.safeParse(value).success ? (value as WorkspaceState) : undefined;
  } catch {
    return undefined;
  }
}

/** Saves after changes, at most once per delay. The result's `flush` writes at once and stops saving. */
export function keepSaved(store: Store, path: string): { flush(): void } {
  mkdirSync(dirname(path), { recursive: true });
  let timer: NodeJS.Timeout | undefined;
  const save = (): void => {
    timer = undefined;
    const temporary = `${path}.tmp`;
    writeFileSync(temporary, JSON.stringify(store.state), { mode: 0o600 });
    renameSync(temporary, path);
  };
  const stop = store.subscribe(() => {
    timer ??= setTimeout(save, WRITE_DELAY_MS);
  });
  return {
    flush() {
      stop();
      clearTimeout(timer);
      save();
    },
  };
}
