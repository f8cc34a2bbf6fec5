/** `sallyport doctor slack` where the app installed itself in several workspaces: each is looked at with its own token. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseCompiled, serializePolicy } from '@sallyport/policy';
import { openPostgres, type Postgres } from '@sallyport/postgres';
import { PATIENT, startDatabase, type TestDatabase } from '@sallyport/testkit';
import { type RunningWorkspace, startWorkspace } from '@sallyport/testkit/slack';
import { makeKeyWrapping, sealSlackToken } from '@sallyport/tokens';
import { EXIT } from '../exit-codes.ts';
import { stage } from '../testing/stage.ts';

const KEY = new Uint8Array(32).map((_, index) => index * 7 + 1);
const CREDENTIALS = { clientId: '11.22', clientSecret: 'doctor-client-secret' };
const SCOPES =
  'commands,chat:write,im:write,users:read,channels:read,groups:read,channels:history,groups:history,im:history';
const POLICY = `version: 1
resources:
  - { id: here, audience: "https://here.acme.test", slack: { channel: C01APPROVALS, team: T01TEST } }
  - { id: there, audience: "https://there.acme.test", slack: { channel: C03OTHER, team: T02OTHER } }
  - { id: somewhere, audience: "https://somewhere.acme.test", slack: { channel: C01APPROVALS } }
`;

interface Found {
  readonly name: string;
  readonly state: string;
  readonly said: string;
  readonly next?: string;
}

describe('doctor slack with several workspaces', () => {
  let database: TestDatabase;
  let postgres: Postgres;
  let workspace: RunningWorkspace;
  let folder = '';

  beforeAll(async () => {
    database = await startDatabase();
    folder = await mkdtemp(join(tmpdir(), 'doctor-installed-'));
    await writeFile(join(folder, 'policy.yaml'), POLICY);
    postgres = openPostgres({
      url: database.url,
      auditKey: KEY,
      instance: 'test',
      patience: PATIENT,
      policyCodec: { parse: parseCompiled, serialize: serializePolicy },
      alarm: () => undefined,
    });
    workspace = await startWorkspace({
      port: 0,
      botToken: 'xoxb-nobody-uses-it',
      signingSecret: 'doctor-signing',
      credentials: CREDENTIALS,
    });
    const { engine } = workspace;
    engine.upsertUser({ id: 'U03ERIN', team_id: 'T02OTHER', real_name: 'Erin Eck' });
    engine.upsertChannel({ id: 'C03OTHER', team_id: 'T02OTHER', members: ['U03ERIN'] });
  }, 60_000);

  afterAll(async () => {
    await postgres?.close();
    await workspace?.close();
    await database?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Installs the app as this person, and keeps the token as the program does. @returns the token */
  async function installs(user: string, team: string, key = KEY): Promise<string> {
    const asked = new URL('/oauth/v2/authorize', workspace.url);
    asked.search = new URLSearchParams({ client_id: CREDENTIALS.clientId, scope: SCOPES, state: 's' }).toString();
    const body = new URLSearchParams({ user, answer: 'allow' });
    const back = await fetch(asked, { method: 'POST', redirect: 'manual', body });
    const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const proof = { client_id: CREDENTIALS.clientId, client_secret: CREDENTIALS.clientSecret, code };
    const answer = await fetch(`${workspace.apiUrl}oauth.v2.access`, {
      method: 'POST',
      body: new URLSearchParams(proof),
    });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const sealedToken = await sealSlackToken(makeKeyWrapping(key), team, token);
    const made = { team, appId: 'A01SALLYPORT', botUserId: 'U0BOT', installedBy: user, sealedToken };
    await postgres.slackInstallations.put(made, { door: 'slack', traceId: 'doctor' });
    return token;
  }

  async function examine(more: Readonly<Record<string, string>> = {}) {
    const env = {
      SLACK_CLIENT_ID: CREDENTIALS.clientId,
      SLACK_CLIENT_SECRET: CREDENTIALS.clientSecret,
      SLACK_SIGNING_SECRET: 'doctor-signing',
      SLACK_TEAM_IDS: 'T01TEST,T02OTHER',
      SLACK_API_URL: workspace.apiUrl,
      SALLYPORT_KEY_ENCRYPTION_KEY: Buffer.from(KEY).toString('hex'),
      SALLYPORT_POLICY: join(folder, 'policy.yaml'),
      SALLYPORT_SLACK_PORT: '4',
      DATABASE_URL: database.as('sallyport_slack'),
      ...more,
    };
    const { exit, stdout, stderr } = await stage(['doctor', 'slack', '--json'], { env });
    const findings = stdout === '' ? [] : (JSON.parse(stdout) as { findings: readonly Found[] }).findings;
    return { exit, stdout, stderr, of: (name: string) => findings.find((one) => one.name === name) };
  }

  test('nobody installed it yet: which teams lack it, and where to go', async () => {
    const { exit, of } = await examine();
    expect(exit).toBe(EXIT.problem);
    expect(of('installations')).toMatchObject({
      state: 'wrong',
      said: 'not installed in T01TEST, T02OTHER: nobody there hears of anything',
      next: expect.stringContaining('/slack/install'),
    });
    expect(of('channels')?.state).toBe('skipped');
  });

  test('each workspace by its own token, each channel in its own workspace; of two equal ones none is the usual', async () => {
    const tokens = [await installs('U01ALICE', 'T01TEST'), await installs('U03ERIN', 'T02OTHER')];
    const { of, stdout } = await examine();
    for (const token of tokens) expect(stdout).not.toContain(token);
    expect(of('installations')?.state).toBe('ok');
    expect(of('team T02OTHER')?.said).toContain('T02OTHER (Other)');
    expect(of('scopes T01TEST')?.said).toBe('complete');
    const channels = JSON.parse(stdout).findings.filter((one: Found) => one.name.startsWith('#')) as readonly Found[];
    expect(channels.map(({ state, said }) => [state, said])).toEqual([
      ['ok', 'approvals, for here: the bot is a member'],
      ['wrong', 'c03other, for there: the bot is not a member'],
      ['wrong', 'for somewhere: there are several workspaces, and none is the usual one'],
    ]);
  });

  test('a token under another key, one that is dead, a database that is away, settings that lack', async () => {
    await installs('U01ALICE', 'T01TEST', new Uint8Array(32).fill(9));
    await workspace.driver.uninstall('T02OTHER');
    const { of } = await examine();
    expect(of('installations T01TEST')).toMatchObject({
      state: 'wrong',
      said: expect.stringContaining('does not open'),
    });
    expect(of('token T02OTHER')?.said).toContain('removed from the workspace');
    const away = await examine({ DATABASE_URL: 'postgres://x@127.0.0.1:4/x' });
    expect(away.of('installations')).toMatchObject({
      state: 'wrong',
      next: expect.stringContaining('sallyport doctor'),
    });
    const lacking = await examine({ DATABASE_URL: '', SALLYPORT_KEY_ENCRYPTION_KEY: '' });
    expect(lacking.exit).toBe(EXIT.configuration);
    for (const name of ['DATABASE_URL', 'SALLYPORT_KEY_ENCRYPTION_KEY']) expect(lacking.stderr).toContain(name);
  });
});
