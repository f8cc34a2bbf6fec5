/** The doctor's look at the workspaces the app was installed in by its page: which there are, and whether their tokens open. */
import { randomBytes } from 'node:crypto';
import { DeadlinePassed, type Secret, secret, withDeadline } from '@sallyport/platform';
import { type Finding, fine, wrong } from './finding.ts';

export interface InstallationsAt {
  readonly databaseUrl: Secret<string>;
  readonly encryptionKey: Secret<Uint8Array>;
  /** Teams that may have it. */
  readonly teamIds: readonly string[];
}

export interface InstalledTokens {
  readonly findings: readonly Finding[];
  /** By team. */
  readonly tokens: ReadonlyMap<string, Secret<string>>;
}

const NAME = 'installations';
const ANSWER_MS = 8_000;

/** Reads what is installed. The tokens go nowhere but to Slack. */
export async function installedTokens({
  databaseUrl,
  encryptionKey,
  teamIds,
}: InstallationsAt): Promise<InstalledTokens> {
  const [rows, tokens] = [await liveRows(databaseUrl), await import('@sallyport/tokens')];
  if (rows === undefined) {
    const next = 'Look at it first: sallyport doctor';
    return { findings: [wrong(NAME, 'the database does not tell which there are', next)], tokens: new Map() };
  }
  const wrapping = tokens.makeKeyWrapping(encryptionKey.reveal());
  const opened = await Promise.all(
    rows.map(async (row) => [row.team, await tokens.openSlackToken(wrapping, row)] as const),
  );
  const good = opened.flatMap(([team, token]) =>
    token !== undefined && teamIds.includes(team) ? [[team, secret(token)] as const] : [],
  );
  const shut = opened.filter(([, token]) => token === undefined).map(([team]) => team);
  return { findings: [...shut.map(shutFinding), standing(teamIds, good, shut)], tokens: new Map(good) };
}

async function liveRows(url: Secret<string>) {
  const [{ openPostgres, StoreUnavailable }, { parseCompiled, serializePolicy }] = await Promise.all([
    import('@sallyport/postgres'),
    import('@sallyport/policy'),
  ]);
  const postgres = openPostgres({
    url: url.reveal(),
    auditKey: randomBytes(32),
    instance: 'doctor',
    policyCodec: { parse: parseCompiled, serialize: serializePolicy },
    alarm: () => undefined,
    connectionsMax: 1,
    reservedMax: 1,
  });
  try {
    return await withDeadline(postgres.slackInstallations.live(), ANSWER_MS, 'postgres');
  } catch (thrown) {
    if (thrown instanceof DeadlinePassed || thrown instanceof StoreUnavailable) return undefined;
    throw thrown;
  } finally {
    await postgres.close();
  }
}

function shutFinding(team: string): Finding {
  return wrong(
    `${NAME} ${team}`,
    'its token does not open: it was sealed under another SALLYPORT_KEY_ENCRYPTION_KEY',
    'Set the key it was sealed under, or install the app there again: /slack/install',
  );
}

function standing(
  teamIds: readonly string[],
  good: readonly (readonly [string, unknown])[],
  shut: readonly string[],
): Finding {
  const missing = teamIds.filter((team) => !shut.includes(team) && !good.some(([one]) => one === team));
  if (missing.length === 0) return fine(NAME, `installed in every team of SLACK_TEAM_IDS`);
  const next = 'Open /slack/install of the slack program there, or take the team out of SLACK_TEAM_IDS.';
  return wrong(NAME, `not installed in ${missing.join(', ')}: nobody there hears of anything`, next);
}
