/** The note a running house leaves for the CLI and the demo: addresses and paths, readable by its owner only. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { identityOf, isRunning } from './processes.mjs';

/** Writes it; `env` are defaults by the contract's names, `urls` what a person opens. */
export function writeRuntime(file, { env, urls }) {
  const note = {
    version: 1,
    pid: process.pid,
    identity: identityOf(process.pid),
    started_at: new Date().toISOString(),
    env,
    urls,
  };
  writeFileSync(`${file}.new`, `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export const removeRuntime = (file) => rmSync(file, { force: true });

/** The note of a house that runs now; undefined when none does, also when it was killed. */
export function readRuntime(file) {
  let note;
  try {
    note = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
  return note?.version === 1 && isRunning(note) ? note : undefined;
}

/** Adds defaults to an environment: only what is set neither as NAME nor as NAME_FILE. */
export function withDefaults(env, defaults) {
  const isSet = (name) =>
    Boolean(env[name]) || Boolean(env[`${name}_FILE`]) || (name.endsWith('_FILE') && Boolean(env[name.slice(0, -5)]));
  return { ...env, ...Object.fromEntries(Object.entries(defaults).filter(([name]) => !isSet(name))) };
}
