/** Whom Postgres and Redis run as when the caller is root: both refuse or should not have root's rights. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { run } from './run.mjs';
import { Stop } from './stop.mjs';

const PREFERRED = ['postgres', 'sallyport'];
const MADE = 'sallyport';

const isRoot = () => process.getuid?.() === 0;

function ownerIn(folder) {
  const owners = readdirSync(folder).map((name) => statSync(path.join(folder, name)));
  const found = owners.find(({ uid }) => uid > 0);
  return found && { uid: found.uid, gid: found.gid };
}

async function lookUp(name) {
  const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
  if (uid.code !== 0 || gid.code !== 0) return undefined;
  const user = { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  return user.uid > 0 ? user : undefined;
}

/** Makes a system user without a home or a shell; Debian's, Red Hat's and BusyBox's tools. */
async function makeUser() {
  const tries = [
    ['useradd', ['--system', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', MADE]],
    ['adduser', ['-S', '-D', '-H', MADE]],
  ];
  for (const [command, args] of tries) {
    if ((await run(command, args)).code === 0) return lookUp(MADE);
  }
  return undefined;
}

/**
 * `{uid, gid}` when the caller is root, else undefined: an ordinary user runs the stores as themselves.
 * @param {string | undefined} folder the stores' folder, if there is one: whoever owns data in it goes on owning it
 */
export async function storeUser(folder) {
  if (!isRoot()) return undefined;
  const owner = folder === undefined ? undefined : ownerIn(folder);
  if (owner) return owner;
  for (const name of PREFERRED) {
    const user = await lookUp(name);
    if (user) return user;
  }
  const user = (await makeUser()) ?? (await lookUp('nobody'));
  if (user) return user;
  throw new Stop(
    'Postgres does not run as root, and no other user could be found or made here.\n' +
      'Run npm as an ordinary user, or name running stores with DATABASE_URL and REDIS_URL.',
  );
}
