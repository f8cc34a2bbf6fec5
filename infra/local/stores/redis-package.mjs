/** Gets Redis from Debian's or Ubuntu's own package: downloaded and unpacked into a folder, nothing installed. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from '../run.mjs';
import { systemIds, which } from '../which.mjs';
import { removeFolder } from './home.mjs';

const SERVERS = ['redis-server', 'valkey-server'];
const PACKAGES_MAX = 60;
const UPDATE_MS = 180_000;
const DOWNLOAD_MS = 120_000;
/** Always there, and never to be mixed with the system's own. */
const NEVER = new Set([
  'libc6',
  'libc-bin',
  'libgcc-s1',
  'adduser',
  'debconf',
  'init-system-helpers',
  'lsb-base',
  'sysvinit-utils',
  'procps',
]);

/** Whether this system has the tools for it. */
export const hasApt = () =>
  systemIds().includes('debian') && ['apt-get', 'apt-cache', 'dpkg'].every((name) => which(name));

/**
 * apt with a state of its own, for callers who may not write the system's, or a system whose lists are empty.
 * The hooks of container images would clean the system's cache as root: cleared.
 */
function makeApt(dir, log) {
  for (const part of ['lists/partial', 'cache/archives/partial', 'debs'])
    mkdirSync(path.join(dir, part), { recursive: true });
  const own = [
    `Dir::State::lists "${dir}/lists";`,
    `Dir::Cache "${dir}/cache";`,
    'Dir::State::status "/var/lib/dpkg/status";',
    'Acquire::Languages "none";',
    'APT::Sandbox::User "";',
    'Debug::NoLocking "1";',
    '#clear APT::Update::Pre-Invoke;',
    '#clear APT::Update::Post-Invoke;',
    '#clear APT::Update::Post-Invoke-Success;',
  ];
  const files = { own: path.join(dir, 'own.conf'), system: path.join(dir, 'system.conf') };
  writeFileSync(files.own, `${own.join('\n')}\n`);
  writeFileSync(files.system, `${own.filter((line) => !line.startsWith('Dir::State::lists')).join('\n')}\n`);
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  return (lists) => (command, args, timeoutMs) =>
    run(command, ['-c', files[lists], ...args], { cwd: path.join(dir, 'debs'), env, log, timeoutMs });
}

/** Names a package directly needs; of alternatives the first. Virtual packages come in `<>` and are left out. */
async function needsOf(apt, name) {
  const { code, stdout } = await apt(
    'apt-cache',
    [
      'depends',
      '--no-recommends',
      '--no-suggests',
      '--no-conflicts',
      '--no-breaks',
      '--no-replaces',
      '--no-enhances',
      name,
    ],
    DOWNLOAD_MS,
  );
  if (code !== 0) return undefined;
  const lines = stdout.split('\n').map((line) => /^ *(\|?)(?:Pre)?Depends: ([^<\s]+)/.exec(line));
  return lines.filter((line) => line !== null && line[1] === '').map((line) => line[2].replace(/:[a-z0-9]+$/, ''));
}

async function isInstalled(name) {
  const { code, stdout } = await run('dpkg', ['-s', name]);
  return code === 0 && stdout.includes('\nStatus: install ok installed\n');
}

/** The server's package and all it needs that this system lacks; undefined when the lists do not know it. */
async function missingPackages(apt, server) {
  const wanted = [server];
  const found = new Set();
  while (wanted.length > 0 && found.size < PACKAGES_MAX) {
    const name = wanted.pop();
    if (found.has(name) || NEVER.has(name) || (name !== server && (await isInstalled(name)))) continue;
    const needs = await needsOf(apt, name);
    if (needs === undefined) {
      if (name === server) return undefined;
      continue;
    }
    found.add(name);
    wanted.push(...needs);
  }
  return [...found];
}

/** Downloads the packages of the first server these lists know. @returns the server's name, or undefined */
async function download(apt, note) {
  for (const server of SERVERS) {
    const names = await missingPackages(apt, server);
    if (names === undefined) continue;
    note(`downloading ${server}`);
    if ((await apt('apt-get', ['download', ...names], DOWNLOAD_MS)).code === 0) return server;
  }
  return undefined;
}

/** The library folders of an unpacked tree. */
function libraryPath(root) {
  const bases = ['usr/lib', 'lib'].map((part) => path.join(root, part)).filter((dir) => existsSync(dir));
  const triplets = bases.flatMap((base) =>
    readdirSync(base)
      .filter((name) => name.includes('-linux-'))
      .map((name) => path.join(base, name)),
  );
  return [...triplets, ...bases].join(':');
}

/** What is unpacked in `dir`, if anything: how to run it. */
export function unpackedRedis(dir) {
  const mark = path.join(dir, 'server');
  if (!existsSync(mark)) return undefined;
  const root = path.join(dir, 'root');
  return {
    command: path.join(root, 'usr/bin', readFileSync(mark, 'utf8').trim()),
    env: { LD_LIBRARY_PATH: libraryPath(root) },
  };
}

/**
 * Downloads and unpacks into `dir` (made anew, beside and renamed). The system's package lists are used when they are
 * there; lists of our own when they are empty, too old, or not ours to refresh.
 * @returns {Promise<ReturnType<typeof unpackedRedis>>} undefined when it cannot be had
 */
export async function unpackRedis(dir, log, note) {
  const fresh = `${dir}.new`;
  removeFolder(fresh);
  const apt = makeApt(fresh, log);
  note('looking in the system’s package lists');
  let server = await download(apt('system'), note);
  if (server === undefined) {
    note('fetching package lists');
    await apt('own')('apt-get', ['update', '-q'], UPDATE_MS); // one dead source must not stop us: the download decides
    server = await download(apt('own'), note);
  }
  if (server === undefined) return undefined;

  const debs = path.join(fresh, 'debs');
  for (const file of readdirSync(debs).filter((name) => name.endsWith('.deb'))) {
    const { code } = await run('dpkg', ['-x', path.join(debs, file), path.join(fresh, 'root')], { log });
    if (code !== 0) return undefined;
  }
  for (const part of ['lists', 'cache', 'debs']) removeFolder(path.join(fresh, part));
  writeFileSync(path.join(fresh, 'server'), `${server}\n`);
  removeFolder(dir);
  renameSync(fresh, dir);
  return unpackedRedis(dir);
}
