/** Owns installations in memory, for tests: the same promises as the table. */
import type { OnceKey } from '@sallyport/core';
import type { Installation, Installations } from '../install/installations.ts';

export interface MemoryInstallations extends Installations {
  /** All that was ever put, as it is stored. */
  readonly rows: ReadonlyMap<string, Installation & { readonly ended: boolean }>;
}

export function memoryInstallations(): MemoryInstallations {
  const rows = new Map<string, Installation & { readonly ended: boolean }>();
  return {
    rows,
    live: async () => [...rows.values()].filter((row) => !row.ended),
    async put({ team, botUserId, sealedToken }) {
      const version = (rows.get(team)?.version ?? 0) + 1;
      rows.set(team, { team, version, botUserId, sealedToken, ended: false });
      return version;
    },
    async end({ team, version }) {
      const row = rows.get(team);
      if (row === undefined || row.ended || row.version !== version) return false;
      rows.set(team, { ...row, ended: true, sealedToken: '' });
      return true;
    },
  };
}

/** Says yes to each key once. */
export function onlyOnce(): (once: OnceKey) => Promise<boolean> {
  const seen = new Set<string>();
  return async ({ scope, key }) => {
    const before = seen.size;
    return seen.add(`${scope} ${key}`).size > before;
  };
}
