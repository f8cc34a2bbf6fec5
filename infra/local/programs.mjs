/** Starts the house's programs with the environment each of them needs, waits until they can do their job, tells why one died. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mainOf } from './build.mjs';
import { ROOT } from './paths.mjs';
import { EXIT, Stop } from './stop.mjs';

const READY_MS = 60_000;
const LOOK_MS = 150;
const ANSWER_MS = 2_000;
const LOG_LINES = 12;
const OURS = /^(SALLYPORT_|SLACK_|DATABASE_URL|REDIS_URL|LOG_LEVEL)/;

/**
 * What Node is told. A heap that may grow to half a gigabyte is collected early enough to stay near a fifth of that; without
 * a bound it is let grow to what the machine has. Young space of 8 MB instead of 16 costs nothing that can be measured here.
 * The image says the same (infra/docker/Dockerfile).
 */
export const NODE_ARGS = ['--max-old-space-size=512', '--max-semi-space-size=16'];

/** Starts one program; its output goes to `logs/<name>.log`. `settings` are all it gets of ours. */
export function startProgram({ processes, files, name, settings }) {
  const others = Object.fromEntries(Object.entries(process.env).filter(([variable]) => !OURS.test(variable)));
  return processes.start({
    name,
    command: process.execPath,
    args: [...NODE_ARGS, mainOf(name)],
    env: { ...others, ...settings },
    cwd: ROOT,
    logFile: path.join(files.logs, `${name}.log`),
  });
}

/** The address to ask: a wildcard is asked on loopback. */
function addressOf(host) {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/** undefined when ready, else what is missing in words. */
async function missing(host, port) {
  try {
    const answer = await fetch(`http://${addressOf(host)}:${port}/readyz`, {
      signal: AbortSignal.timeout(ANSWER_MS),
      redirect: 'error',
    });
    const text = await answer.text();
    return answer.status === 200 ? undefined : wordsOf(text);
  } catch {
    return 'not listening yet';
  }
}

function wordsOf(text) {
  try {
    const lacks = Object.entries(JSON.parse(text).missing);
    return lacks.map(([name, why]) => `${name} (${why})`).join(', ');
  } catch {
    return text.slice(0, 200);
  }
}

/** Waits for every program's /readyz; `note` is told what is missing. A program that ends meanwhile stops the wait. */
export async function waitReady({ programs, note }) {
  const until = Date.now() + READY_MS;
  const died = Promise.race(programs.map(async ({ handle }) => ({ handle, end: await handle.exited })));
  let waiting = programs;
  for (;;) {
    const found = await Promise.all(
      waiting.map(async (program) => ({ ...program, lacks: await missing(program.host, program.port) })),
    );
    waiting = found.filter(({ lacks }) => lacks !== undefined);
    const dead = await Promise.race([died, sleep(waiting.length === 0 ? 0 : LOOK_MS)]);
    if (dead) throw whyItEnded(dead.handle, dead.end); // also when a stranger answered on its port
    if (waiting.length === 0) return;
    const text = waiting.map(({ handle, lacks }) => `${handle.name}: ${lacks}`).join('; ');
    note(text);
    if (Date.now() > until)
      throw new Stop(`Not ready after ${READY_MS / 1_000} s: ${text}.\n\n${logTail(waiting[0].handle)}`);
  }
}

function ownLog(handle) {
  return readFileSync(handle.logFile).subarray(handle.logFrom).toString().split('\n').filter(Boolean);
}

/** A JSON log line as a person reads it; others as they are. */
function readable(line) {
  try {
    const { level, time, name, event, ...rest } = JSON.parse(line);
    const more = Object.entries(rest).map(
      ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
    return `${String(time).slice(11, 19)} ${level} ${event} ${more.join(' ')}`.trimEnd();
  } catch {
    return line;
  }
}

const logTail = (handle) =>
  `The last lines of ${handle.logFile}:\n\n${ownLog(handle).slice(-LOG_LINES).map(readable).join('\n')}`;

/** The Stop for a process that ended by itself. Exit 78 is a message of its own about settings: shown as it is. */
export function whyItEnded(handle, { code, signal, error }) {
  if (error) return new Stop(`${handle.name} could not be started: ${error.message}`);
  if (code === EXIT.configuration) {
    const told = ownLog(handle).filter((line) => !line.startsWith('{'));
    return new Stop(told.join('\n') || logTail(handle), EXIT.configuration);
  }
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
  return new Stop(`${handle.name} ${how}. Everything else was stopped too. ${logTail(handle)}`, code || EXIT.failed);
}
