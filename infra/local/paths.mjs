/** Where things lie: the repository, the state folder and the files in it. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT, Stop } from './stop.mjs';

/** The repository's top folder. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** A path of the repository. */
export const inRoot = (...parts) => path.join(ROOT, ...parts);

/** The state folder as an absolute path. A relative `SALLYPORT_STATE_DIR` counts from the repository, whoever asks. */
export function stateDirOf(env) {
  return path.resolve(ROOT, env.SALLYPORT_STATE_DIR || '.sallyport');
}

/** The files of a state folder by name; nothing is made. */
export function stateFiles(dir) {
  const at = (...parts) => path.join(dir, ...parts);
  return {
    dir,
    logs: at('logs'),
    lock: at('start.lock'),
    processes: at('processes.json'),
    runtime: at('runtime.json'),
    storesFolder: at('stores-folder'),
    signingKeys: at('signing-keys.json'),
    auditKey: at('audit-key'),
    slackSecrets: at('slack-stand-in.json'),
    postgresPassword: at('postgres-password'),
    redisPassword: at('redis-password'),
    policy: at('policy'),
  };
}

/** Makes the state folder, closed to other users, with its log folder. */
export function makeStateDir(files) {
  try {
    mkdirSync(files.dir, { recursive: true, mode: 0o700 });
    mkdirSync(files.logs, { recursive: true, mode: 0o700 });
    for (const dir of [files.dir, files.logs]) accessSync(dir, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Stop(
      `The state folder ${files.dir} cannot be used (${error.code}). Does it belong to another user?\nName another one: SALLYPORT_STATE_DIR=…`,
      EXIT.configuration,
    );
  }
}
