/** A Postgres of our own: made once, started on a loopback port nobody uses, its data kept between starts. */
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../ports.mjs';
import { endProcess, identityOf } from '../processes.mjs';
import { lastLines, run } from '../run.mjs';
import { passwordIn } from '../secrets.mjs';
import { EXIT, Stop } from '../stop.mjs';
import { ensureDatabase, ping } from './database.mjs';
import { privateFolder, removeFolder } from './home.mjs';
import { postgresBinaries } from './postgres-binaries.mjs';

const SUPERUSER = 'postgres';
const READY_MS = 30_000;
const STOP_MS = 15_000;
const LOOK_MS = 50;

/** Initialises beside and renames: an interrupted first start leaves no half database. */
async function initialise({ binaries, data, user, password, log }) {
  const fresh = `${data}.new`;
  const passwordFile = `${data}.pw`;
  removeFolder(fresh);
  privateFolder(fresh, user);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  const args = [
    '-D',
    fresh,
    '-U',
    SUPERUSER,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--no-locale',
  ];
  const { code, output, error } = await run(binaries.initdb, args, {
    user,
    cwd: path.dirname(fresh),
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    log,
  });
  rmSync(passwordFile, { force: true });
  if (code !== 0)
    throw new Stop(`Postgres could not be initialised: ${error?.message ?? lastLines(output, 5)}\nAll of it: ${log}`);
  renameSync(fresh, data);
}

/** Data made by another major version cannot be opened. */
function checkVersion(data, major) {
  const found = readFileSync(path.join(data, 'PG_VERSION'), 'utf8').trim();
  if (found === major) return;
  throw new Stop(
    `The data in ${data} was made by PostgreSQL ${found}; this is ${major}. Move the state folder away to begin anew.`,
    EXIT.configuration,
  );
}

function postmasterPid(data) {
  const file = path.join(data, 'postmaster.pid');
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : undefined;
}

/** Whether that process is a server of exactly this data folder. */
async function serves(pid, data) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data);
  } catch {
    const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]);
    return stdout.includes(data);
  }
}

/**
 * After a kill -9 the server may still run: end it. Or its pid file names a process that is something else by now:
 * Postgres would refuse to start, so remove it. A pid nobody has is left to Postgres, which looks closer than we can.
 */
async function clearLeftServer(data) {
  const pid = postmasterPid(data);
  const identity = pid > 0 ? identityOf(pid) : undefined;
  if (identity === undefined) return;
  if (await serves(pid, data)) await endProcess({ pid, identity, stopSignal: 'SIGINT' }, STOP_MS);
  else rmSync(path.join(data, 'postmaster.pid'), { force: true });
}

function serverArgs({ data, port, settings }) {
  const all = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    fsync: 'on',
    timezone: 'UTC',
    log_timezone: 'UTC',
    max_connections: 200,
    ...settings,
  };
  return ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

async function untilReady(url, server) {
  const until = Date.now() + READY_MS;
  const ended = server.exited.then(() => true);
  for (;;) {
    try {
      return await ping(url);
    } catch (error) {
      if (Date.now() > until || (await Promise.race([ended, sleep(LOOK_MS, false)]))) {
        const log = readFileSync(server.logFile).subarray(server.logFrom).toString();
        throw new Stop(
          `Postgres did not start (${error.message}).\n\n${lastLines(log, 8)}\n\nAll of it: ${server.logFile}`,
        );
      }
    }
  }
}

/** The port of the last start, so that addresses stay the same if it is still free. */
function lastPort(file) {
  const port = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

/**
 * @param {{files: object, folder: string, user?: object, processes: object, name?: string, database: string, settings?: object, fresh?: boolean}} options
 *   `settings`: server settings over our defaults; `fresh`: forget the data of the last time
 * @returns {Promise<{url: string, handle: object}>} an address for the superuser, and the running server (SIGINT: fast shutdown)
 */
export async function startPostgres({ files, folder, user, processes, name = 'postgres', database, settings, fresh }) {
  const data = path.join(folder, name);
  const log = path.join(files.logs, 'postgres.log');
  const password = passwordIn(files.postgresPassword);
  const binaries = await postgresBinaries(folder, user);
  if (fresh && existsSync(data)) {
    await clearLeftServer(data);
    removeFolder(data);
  }
  if (!existsSync(data)) await initialise({ binaries, data, user, password, log });
  checkVersion(data, binaries.major);
  await clearLeftServer(data);

  const portFile = path.join(files.dir, 'postgres-port');
  const port = await freePort(lastPort(portFile));
  writeFileSync(portFile, `${port}\n`, { mode: 0o600 });
  const handle = processes.start({
    name: 'Postgres',
    command: binaries.postgres,
    args: serverArgs({ data, port, settings }),
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    cwd: '/',
    user,
    logFile: log,
    stopSignal: 'SIGINT',
    hardSignal: 'SIGQUIT',
    stopMs: STOP_MS,
  });
  const base = `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}`;
  await untilReady(`${base}/postgres`, handle);
  await ensureDatabase(`${base}/postgres`, database);
  return { url: `${base}/${database}`, handle };
}
