/** A Redis of our own, wherever it can be had; disposable, so it only saves now and then. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../ports.mjs';
import { lastLines, run } from '../run.mjs';
import { passwordIn } from '../secrets.mjs';
import { EXIT, Stop } from '../stop.mjs';
import { systemIds, which } from '../which.mjs';
import { privateFolder } from './home.mjs';
import { hasApt, unpackedRedis, unpackRedis } from './redis-package.mjs';
import { pingRedis } from './redis-ping.mjs';

const VERSION_MIN = [6, 2];
const READY_MS = 15_000;
const DOCKER_READY_MS = 180_000;
const DOCKER_ANSWER_MS = 5_000;
const LOOK_MS = 50;
const IMAGE = 'redis:7-alpine';

/** Whether it runs here, as that user, and is new enough (Redis 6.2; every Valkey is). */
async function runs({ command, env }, user) {
  const { code, stdout } = await run(command, ['--version'], { user, cwd: '/', env: { ...process.env, ...env } });
  if (code !== 0) return false;
  if (/valkey/i.test(stdout)) return true;
  const [major, minor] = (/v=(\d+)\.(\d+)/.exec(stdout) ?? []).slice(1).map(Number);
  return major > VERSION_MIN[0] || (major === VERSION_MIN[0] && minor >= VERSION_MIN[1]);
}

async function onPath(user) {
  for (const name of ['redis-server', 'valkey-server']) {
    const command = which(name);
    if (command && (await runs({ command, env: {} }, user))) return { command, env: {} };
  }
  return undefined;
}

async function fromPackage({ folder, user, log, note }) {
  if (!hasApt()) return undefined;
  const dir = path.join(folder, 'redis-package');
  const there = unpackedRedis(dir);
  if (there && (await runs(there, user))) return there;
  const fresh = await unpackRedis(dir, log, note);
  return fresh && (await runs(fresh, user)) ? fresh : undefined;
}

async function dockerAnswers() {
  if (!which('docker')) return false;
  return (await run('docker', ['info'], { timeoutMs: DOCKER_ANSWER_MS })).code === 0;
}

/** What to type on this system, when nothing was found. */
function advice() {
  const ids = systemIds();
  const commands = {
    debian: 'sudo apt-get install redis-server',
    fedora: 'sudo dnf install valkey',
    rhel: 'sudo dnf install redis',
    arch: 'sudo pacman -S valkey',
    alpine: 'apk add redis',
    suse: 'sudo zypper install redis',
  };
  const known = Object.keys(commands).find((id) => ids.includes(id));
  if (process.platform === 'darwin') return 'brew install redis';
  return known ? commands[known] : 'install Redis 6.2 or later, or Valkey, so that redis-server is on PATH';
}

const notFound = (log) =>
  new Stop(
    `No Redis could be found or fetched here. Get one:\n\n    ${advice()}\n\nor name a running one: REDIS_URL=redis://:password@host:6379 npm start${existsSync(log) ? `\n(what was tried: ${log})` : ''}`,
    EXIT.configuration,
  );

/** Loopback, a password, no eviction (BullMQ's condition), a snapshot now and then. Given on stdin: no password on a command line. */
function configuration({ port, password, dir, bind }) {
  return [
    `bind ${bind}`,
    `port ${port}`,
    `requirepass ${password}`,
    'maxmemory-policy noeviction',
    'appendonly no',
    'save 60 1',
    'stop-writes-on-bgsave-error no',
    ...(dir ? [`dir "${dir.replace(/(["\\])/g, '\\$1')}"`, 'dbfilename dump.rdb'] : []),
    '',
  ].join('\n');
}

async function untilReady(url, server, boundMs) {
  const until = Date.now() + boundMs;
  const ended = server.exited.then(() => true);
  for (;;) {
    try {
      return await pingRedis(url);
    } catch (error) {
      if (Date.now() > until || (await Promise.race([ended, sleep(LOOK_MS, false)]))) {
        const log = readFileSync(server.logFile).subarray(server.logFrom).toString();
        throw new Stop(
          `Redis did not start (${error.message}).\n\n${lastLines(log, 8)}\n\nAll of it: ${server.logFile}`,
        );
      }
    }
  }
}

function startServer({ server, port, password, options }) {
  const { files, folder, user, processes, name } = options;
  const dir = privateFolder(path.join(folder, name), user);
  return processes.start({
    name: 'Redis',
    command: server.command,
    args: ['-'],
    env: { PATH: process.env.PATH, LC_ALL: 'C', ...server.env },
    cwd: '/',
    user,
    logFile: path.join(files.logs, 'redis.log'),
    input: configuration({ port, password, dir, bind: '127.0.0.1' }),
  });
}

/** In a container that is gone when it ends; its own name, so that one a killed start left is replaced. */
async function startContainer({ port, password, options }) {
  const { files, processes } = options;
  const name = `sallyport-redis-${port}`;
  await run('docker', ['rm', '-f', name]);
  return processes.start({
    name: 'Redis',
    command: 'docker',
    args: ['run', '-i', '--rm', '--name', name, '-p', `127.0.0.1:${port}:6379`, IMAGE, 'redis-server', '-'],
    env: process.env,
    cwd: '/',
    logFile: path.join(files.logs, 'redis.log'),
    input: configuration({ port: 6379, password, bind: '0.0.0.0' }),
  });
}

/**
 * @param {{files: object, folder: string, user?: object, processes: object, name?: string, note: (text: string) => void}} options
 * @returns {Promise<{url: string, handle: object}>}
 */
export async function startRedis({ name = 'redis', ...rest }) {
  const options = { ...rest, name };
  const log = path.join(options.files.logs, 'redis-setup.log');
  const server = (await onPath(options.user)) ?? (await fromPackage({ ...options, log }));
  if (!server && !(await dockerAnswers())) throw notFound(log);

  const password = passwordIn(options.files.redisPassword);
  const port = await freePort();
  if (!server) options.note(`starting ${IMAGE} in Docker`);
  const handle = server
    ? startServer({ server, port, password, options })
    : await startContainer({ port, password, options });
  const url = `redis://:${password}@127.0.0.1:${port}`;
  await untilReady(url, handle, server ? READY_MS : DOCKER_READY_MS);
  return { url, handle };
}
