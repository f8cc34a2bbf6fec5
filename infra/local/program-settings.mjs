/** Who is told what: the environment of each program, and of the CLI while they run. */
import { portVariable } from './settings.mjs';

/** `1` or `0`: issuers on http loopback addresses are fine in development. */
export const allowHttpIssuers = ({ env, environment }) =>
  env.SALLYPORT_ALLOW_HTTP_ISSUERS ?? (environment === 'development' ? '1' : '0');

/** Stand-ins let anybody act as anybody: never beyond loopback, wherever the programs listen. */
const standInHost = ({ host }) => (['127.0.0.1', '::1', 'localhost'].includes(host) ? host : '127.0.0.1');

/** Slack's own settings, or the stand-in's. */
function slackSettings(settings, secrets) {
  const given = slackOf(settings.env);
  if (settings.realSlack) return given;
  return {
    SLACK_MODE: settings.slackMode,
    SLACK_BOT_TOKEN: secrets.slack.botToken,
    SLACK_APP_TOKEN: secrets.slack.appToken,
    SLACK_SIGNING_SECRET: secrets.slack.signingSecret,
    SLACK_API_URL: `http://127.0.0.1:${settings.ports.workspace}/api/`,
    ...(given.SLACK_TEAM_IDS ? { SLACK_TEAM_IDS: given.SLACK_TEAM_IDS } : {}),
  };
}

/** Tokens of workspaces the app installs itself in are kept under the key-encryption key. */
const installsItself = (slack) => slack.SLACK_CLIENT_ID !== undefined || slack.SLACK_CLIENT_ID_FILE !== undefined;

/** The program points at an app token it has no use for: perhaps its mode is the wrong one. Ours is none to point at. */
const withoutUnused = ({ SLACK_APP_TOKEN: appToken, ...slack }) =>
  slack.SLACK_MODE === 'socket' ? { ...slack, SLACK_APP_TOKEN: appToken } : slack;

const slackOf = (variables) =>
  Object.fromEntries(Object.entries(variables).filter(([name]) => name.startsWith('SLACK_')));

/**
 * What each program is told; each gets only the secrets it needs.
 * @returns {Record<string, Record<string, string>>} variables by program
 */
export function settingsPerProgram({ settings, files, secrets, policy, stores, databaseUrls }) {
  const common = {
    SALLYPORT_ENV: settings.environment,
    SALLYPORT_ISSUER: settings.issuer,
    SALLYPORT_HOST: settings.host,
    SALLYPORT_STATE_DIR: settings.stateDir,
    LOG_LEVEL: settings.env.LOG_LEVEL ?? 'info',
    ...Object.fromEntries(
      Object.entries(settings.ports).map(([program, port]) => [portVariable(program), String(port)]),
    ),
  };
  const record = (program) => ({
    ...common,
    DATABASE_URL: databaseUrls[program],
    REDIS_URL: stores.redisUrl,
    SALLYPORT_POLICY: policy,
    SALLYPORT_ALLOW_HTTP_ISSUERS: allowHttpIssuers(settings),
    ...(settings.auditKey ? { SALLYPORT_AUDIT_KEY: settings.auditKey } : { SALLYPORT_AUDIT_KEY_FILE: files.auditKey }),
  });
  const slack = slackSettings(settings, secrets);
  // The demo issuer is where it must be proved; everybody else's identity provider knows it already.
  const login = settings.loginClientSecret ? { SALLYPORT_LOGIN_CLIENT_SECRET: settings.loginClientSecret } : {};
  return {
    worker: record('worker'),
    broker: {
      ...record('broker'),
      ...settings.keyEncryption,
      ...login,
      SALLYPORT_SIGNING_KEYS: settings.signingKeys ?? files.signingKeys,
    },
    slack: {
      ...record('slack'),
      ...(settings.realSlack ? slack : withoutUnused(slack)),
      ...(installsItself(slack) ? settings.keyEncryption : {}),
    },
    workspace: { ...common, ...slack, SALLYPORT_HOST: standInHost(settings) },
    'demo-issuer': { ...common, ...login, SALLYPORT_HOST: standInHost(settings) },
  };
}

/** What the CLI and the demo take as defaults while this house runs. */
export function runtimeEnv({ settings, files, policy, stores, perProgram }) {
  const { SALLYPORT_AUDIT_KEY: _, ...worker } = perProgram.worker;
  const { SALLYPORT_KEY_ENCRYPTION_KEY: __, ...keyEncryption } = settings.keyEncryption;
  return {
    ...(settings.realSlack ? {} : slackOf(perProgram.workspace)),
    ...worker,
    ...keyEncryption,
    SALLYPORT_SIGNING_KEYS: settings.signingKeys ?? files.signingKeys,
    SALLYPORT_POLICY: policy,
    DATABASE_URL: stores.databaseUrl,
  };
}
