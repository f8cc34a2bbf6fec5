/** A Chromium for the browser tests. */
import { existsSync } from 'node:fs';
import { run } from './run.mjs';
import { systemIds, which } from './which.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const APPS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
const INSTALL_MS = 600_000;

const onPath = () => which(...NAMES) ?? APPS.find((app) => existsSync(app));

/** Debian itself only: elsewhere the package of that name is an empty hand to another installer. */
const mayInstall = () => process.getuid?.() === 0 && systemIds()[0] === 'debian' && which('apt-get') !== undefined;

async function installIt(log, note) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  const apt = (args) => run('apt-get', args, { env, log, timeoutMs: INSTALL_MS });
  const get = () => apt(['install', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation']);
  note('installing');
  if ((await get()).code === 0) return;
  note('fetching package lists');
  await apt(['update', '-q']);
  note('installing');
  await get();
}

/** The path of a Chromium: on PATH, or on Debian as root by apt; undefined when there is none. */
export async function findChromium(log, note) {
  const found = onPath();
  if (found !== undefined || !mayInstall()) return found;
  await installIt(log, note);
  return onPath();
}
