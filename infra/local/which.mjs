/** Finds programs on PATH without a shell. */
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** The first of these names that is an executable file on PATH, as a whole path; undefined when there is none. */
export function which(...names) {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  for (const name of names) {
    for (const folder of folders) {
      const at = path.join(folder, name);
      try {
        accessSync(at, constants.X_OK);
        if (statSync(at).isFile()) return at;
      } catch {
        // not here
      }
    }
  }
  return undefined;
}

/** The system's ids from os-release, its own first: `['ubuntu', 'debian']`; empty where there is no such file. */
export function systemIds() {
  try {
    const text = readFileSync('/etc/os-release', 'utf8');
    const value = (name) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
    return `${value('ID')} ${value('ID_LIKE')}`.split(' ').filter(Boolean);
  } catch {
    return [];
  }
}
