/** Both stores: the ones named by the environment, else our own. */
import { storeUser } from '../os-user.mjs';
import { endProcessesIn } from '../processes.mjs';
import { EXIT, Stop } from '../stop.mjs';
import { ping } from './database.mjs';
import { forgottenFolders, namedFolder, removeFolder, storesFolder } from './home.mjs';
import { startPostgres } from './postgres.mjs';
import { startRedis } from './redis.mjs';
import { pingRedis } from './redis-ping.mjs';

const FORGOTTEN_STOP_MS = 5_000;

/** Removes what earlier state folders at this path left outside; ends servers that may still run on it. */
async function sweepForgotten(files) {
  for (const folder of forgottenFolders(files)) {
    await endProcessesIn(folder, FORGOTTEN_STOP_MS);
    removeFolder(folder);
  }
}

async function check(name, work) {
  try {
    await work();
  } catch (error) {
    throw new Stop(
      `${name} does not answer: ${error.message || error.code}. Is the address right, and the server running?`,
      EXIT.configuration,
    );
  }
}

async function postgres({ say, databaseUrl, database, settings, ...options }) {
  if (!databaseUrl) return say.step('Starting PostgreSQL', () => startPostgres({ ...options, database, settings }));
  await say.step('Reaching PostgreSQL at DATABASE_URL', () => check('DATABASE_URL', () => ping(databaseUrl)));
  return { url: databaseUrl };
}

async function redis({ say, redisUrl, ...options }) {
  if (!redisUrl) return say.step('Starting Redis', (note) => startRedis({ ...options, note }));
  await say.step('Reaching Redis at REDIS_URL', () => check('REDIS_URL', () => pingRedis(redisUrl)));
  return { url: redisUrl };
}

/**
 * @param {{say: object, files: object, processes: object, databaseUrl?: string, redisUrl?: string,
 *   shared?: object, suffix?: string, database: string, settings?: object}} options
 *   `shared`: state files whose folder holds binaries and data (default: `files`); `suffix`: tells data folders of one home apart
 * @returns {Promise<{databaseUrl: string, redisUrl: string, handles: object[]}>} handles of the servers started here
 */
export async function startStores({ databaseUrl, redisUrl, shared, suffix = '', ...options }) {
  const ours = !databaseUrl || !redisUrl;
  const home = shared ?? options.files;
  const user = ours ? await storeUser(namedFolder(home)) : undefined;
  if (user) await sweepForgotten(home);
  const folder = ours ? storesFolder(home, user) : undefined;
  const sql = await postgres({ ...options, databaseUrl, folder, user, name: `postgres${suffix}` });
  const jobs = await redis({ ...options, redisUrl, folder, user, name: `redis${suffix}` });
  return { databaseUrl: sql.url, redisUrl: jobs.url, handles: [sql.handle, jobs.handle].filter(Boolean), folder };
}
