/** `npm start`: the whole product on embedded defaults, from a fresh clone to one line that starts with `sallyport ready`. */
import { mainOf } from './build.mjs';
import { requireNode } from './install.mjs';
import { takeLock } from './lock.mjs';
import { makeStateDir, ROOT, stateFiles } from './paths.mjs';
import { checkPolicy, examplePolicy } from './policy.mjs';
import { requireFreePorts } from './ports.mjs';
import { prepare } from './prepare.mjs';
import { endLeftovers, makeProcesses } from './processes.mjs';
import { allowHttpIssuers, runtimeEnv, settingsPerProgram } from './program-settings.mjs';
import { startProgram, waitReady, whyItEnded } from './programs.mjs';
import { databaseUrlsFor } from './roles.mjs';
import { lastLines, run } from './run.mjs';
import { removeRuntime, writeRuntime } from './runtime.mjs';
import { makeSay } from './say.mjs';
import { makeSecrets } from './secrets.mjs';
import { portVariable, readEnvironment, readSettings } from './settings.mjs';
import { makeShutdown } from './shutdown.mjs';
import { makeSigningKeys } from './signing-keys.mjs';
import { EXIT, explain, Stop } from './stop.mjs';
import { startStores } from './stores/stores.mjs';
import { welcome } from './welcome.mjs';

const DATABASE = 'sallyport';
const LEFTOVER_MS = 10_000;
const NAMES = {
  broker: 'broker',
  slack: 'Slack app',
  worker: 'worker',
  workspace: 'local Slack workspace',
  'demo-issuer': 'demo issuer',
};

/** Stand-ins first, for the programs talk to them; ended in the opposite order: slack, broker, worker, stand-ins, stores. */
const programsOf = (settings) => [
  ...(settings.realSlack ? [] : ['workspace']),
  ...(settings.policy ? [] : ['demo-issuer']),
  'worker',
  'broker',
  'slack',
];

function urlsOf(settings) {
  const at = (program) => `http://localhost:${settings.ports[program]}`;
  return {
    broker: settings.issuer,
    ...(settings.realSlack ? {} : { workspace: at('workspace') }),
    ...(settings.policy ? {} : { demoIssuer: at('demo-issuer') }),
  };
}

async function migrate(say, databaseUrl) {
  await say.step('Migrating the database', async () => {
    const env = { PATH: process.env.PATH, DATABASE_URL: databaseUrl };
    const { code, output, error } = await run(process.execPath, [mainOf('cli'), 'migrate'], { cwd: ROOT, env });
    if (code !== 0) throw new Stop(`The database could not be migrated:\n\n${error?.message ?? lastLines(output, 20)}`);
  });
}

/** A process that ends by itself ends the house. */
function watch(handles, fail) {
  for (const handle of handles) {
    void handle.exited.then((end) => {
      if (handle.wanted()) fail(whyItEnded(handle, end));
    });
  }
}

async function startHouse({ settings, files, processes, say, fail }) {
  const names = programsOf(settings);
  await requireFreePorts(
    names.map((name) => ({ port: settings.ports[name], variable: portVariable(name), program: NAMES[name] })),
    settings.host,
  );
  await prepare(say, files);
  const secrets = makeSecrets(files);
  if (settings.signingKeys === undefined) await makeSigningKeys(files.signingKeys, settings.keyEncryption);
  const urls = urlsOf(settings);
  const policy =
    settings.policy ?? examplePolicy({ issuer: settings.issuer, demoIssuer: urls.demoIssuer, folder: files.policy });
  await checkPolicy(policy, { PATH: process.env.PATH, SALLYPORT_ALLOW_HTTP_ISSUERS: allowHttpIssuers(settings) });

  const stores = await startStores({
    say,
    files,
    processes,
    databaseUrl: settings.databaseUrl,
    redisUrl: settings.redisUrl,
    database: DATABASE,
  });
  watch(stores.handles, fail);
  await migrate(say, stores.databaseUrl);
  const databaseUrls = await databaseUrlsFor(say, stores.databaseUrl);

  const perProgram = settingsPerProgram({ settings, files, secrets, policy, stores, databaseUrls });
  await say.step(`Starting ${names.map((name) => NAMES[name]).join(', ')}`, async (note) => {
    const programs = names.map((name) => ({
      handle: startProgram({ processes, files, name, settings: perProgram[name] }),
      host: perProgram[name].SALLYPORT_HOST,
      port: settings.ports[name],
    }));
    await waitReady({ programs, note });
    watch(
      programs.map(({ handle }) => handle),
      fail,
    );
  });
  writeRuntime(files.runtime, { env: runtimeEnv({ settings, files, policy, stores, perProgram }), urls });
  for (const line of welcome({ urls, files, colour: say.colour })) say.line(line);
  say.line(`sallyport ready  ${urls.broker}`);
}

async function main() {
  requireNode();
  const settings = readSettings(readEnvironment());
  const files = stateFiles(settings.stateDir);
  makeStateDir(files);
  const release = takeLock(
    files.lock,
    (pid) =>
      `Sallyport already runs from ${files.dir} (process ${pid}).\nEnd that one first, or give this one its own folder and ports: SALLYPORT_STATE_DIR=…`,
  );
  const say = makeSay(process.stdout);
  const processes = makeProcesses(files.processes);
  const shutdown = makeShutdown({
    processes,
    say,
    last: () => {
      removeRuntime(files.runtime);
      release();
    },
  });
  const fail = (error) => {
    if (shutdown.begun()) return; // it ended because we are stopping
    void shutdown(explain(error) || EXIT.failed);
  };
  try {
    removeRuntime(files.runtime);
    const left = await endLeftovers(files.processes, LEFTOVER_MS);
    if (left.length > 0) say.warn(`Ended what an earlier, killed start had left running: ${left.join(', ')}.`);
    await startHouse({ settings, files, processes, say, fail });
  } catch (error) {
    fail(error);
  }
}

main().catch((error) => process.exit(explain(error)));
