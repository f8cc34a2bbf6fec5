/** `sallyport doctor slack` against the local workspace: what is right, each thing that can be wrong, and what to do. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { err } from '@sallyport/core';
import { loadPolicy } from '@sallyport/policy';
import { type RunningWorkspace, startWorkspace } from '@sallyport/testkit/slack';
import { EXIT } from '../exit-codes.ts';
import { type Canned, cannedBroker } from '../testing/canned-broker.ts';
import { stage } from '../testing/stage.ts';
import type { SlackCall } from './slack-api.ts';
import { channelFindings } from './slack-channels.ts';

const BOT = 'xoxb-doctor-bot-token';
const APP = 'xapp-doctor-app-token';
const SIGNING = 'doctor-signing-secret';
const POLICY = `version: 1
resources:
  - { id: orders-db, audience: "https://orders.acme.test", slack: { channel: C01APPROVALS } }
  - { id: billing, audience: "https://billing.acme.test", slack: { channel: C01APPROVALS } }
  - { id: quiet, audience: "https://quiet.acme.test" }
`;
const READY: Canned = { status: 200, body: { ready: true } };
const DOOR: readonly Canned[] = [READY, { status: 401 }];

interface Found {
  readonly name: string;
  readonly state: string;
  readonly said: string;
  readonly next?: string;
}

let folder = '';
let workspace: RunningWorkspace;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-slack-'));
  workspace = await startWorkspace({ port: 0, botToken: BOT, appToken: APP, signingSecret: SIGNING });
});
afterEach(() => {
  workspace.engine.configure({ mode: 'http' });
  workspace.engine.reset();
});
afterAll(async () => {
  await workspace.close();
  await rm(folder, { recursive: true, force: true });
});

interface House {
  readonly policy?: string;
  readonly door?: readonly Canned[];
  readonly env?: Readonly<Record<string, string>>;
}

async function examine({ policy = POLICY, door = DOOR, env = {} }: House = {}) {
  const program = await cannedBroker(door);
  const path = join(folder, 'policy.yaml');
  await writeFile(path, policy);
  const all = {
    SLACK_BOT_TOKEN: BOT,
    SLACK_SIGNING_SECRET: SIGNING,
    SLACK_API_URL: workspace.apiUrl,
    SALLYPORT_SLACK_PORT: new URL(program.origin).port,
    SALLYPORT_POLICY: path,
    ...env,
  };
  try {
    const { exit, stdout, stderr, slept } = await stage(['doctor', 'slack', '--json'], { env: all });
    const findings = stdout === '' ? [] : (JSON.parse(stdout) as { findings: readonly Found[] }).findings;
    const of = (name: string): Found | undefined => findings.find((one) => one.name === name);
    for (const secret of [BOT, APP, SIGNING]) expect(stdout + stderr).not.toContain(secret);
    return { exit, findings, of, stdout, stderr, slept, env: all };
  } finally {
    await program.close();
  }
}

describe('doctor slack', () => {
  test('all is well over HTTP: whose token, which scopes, a door that refuses, channels once each', async () => {
    const { exit, findings, of } = await examine();
    expect(findings.filter((one) => one.state === 'wrong')).toEqual([]);
    expect(exit).toBe(EXIT.done);
    expect(of('team')?.said).toContain('T01TEST (Acme)');
    expect(of('scopes')?.said).toBe('complete');
    expect(of('signatures')?.state).toBe('ok');
    expect(of('#C01APPROVALS')?.said).toBe('approvals, for orders-db, billing: the bot is a member');
  });

  test('Socket Mode: off in the app, then all is well, and nothing is asked of a door that is not there', async () => {
    const socket = { door: [READY], env: { SLACK_MODE: 'socket', SLACK_APP_TOKEN: APP } };
    const off = (await examine(socket)).of('socket mode');
    expect(off).toMatchObject({ state: 'wrong', next: expect.stringContaining('Socket Mode') });
    workspace.engine.configure({ mode: 'socket' });
    const { exit, of } = await examine(socket);
    expect(exit).toBe(EXIT.done);
    expect(of('socket mode')).toMatchObject({ state: 'ok' });
    expect(of('signatures')).toBeUndefined();
  });

  test('case 40: missing scopes are named, and those nothing uses', async () => {
    workspace.engine.configure({
      scopes: ['commands', 'chat:write', 'users:read', 'channels:read', 'users:read.email'],
    });
    const { exit, of } = await examine();
    expect(exit).toBe(EXIT.problem);
    expect(of('scopes')).toMatchObject({
      state: 'wrong',
      said: 'missing: im:write, groups:read, channels:history, groups:history, im:history; not needed: users:read.email',
      next: expect.stringContaining('infra/slack/manifest.yaml'),
    });
  });

  test.each([
    [{ token: 'revoked' as const }, 'revoked', 'Install the app'],
    [{ token: 'inactive' as const }, 'removed from the workspace', 'Install the app'],
  ])('a dead token: %o', async (app, said, next) => {
    workspace.engine.configure(app);
    const { exit, of } = await examine();
    expect(exit).toBe(EXIT.problem);
    expect(of('token')).toMatchObject({ state: 'wrong', said: expect.stringContaining(said) });
    expect(of('token')?.next).toContain(next);
    expect(of('channels')?.state).toBe('skipped');
  });

  test('case 42: a wrong token, another kind of token, a team that is not listed', async () => {
    const wrongOne = await examine({ env: { SLACK_BOT_TOKEN: 'xoxb-somebody-elses' } });
    expect(wrongOne.of('token')?.said).toContain('does not know this token');
    const swapped = await examine({ env: { SLACK_BOT_TOKEN: APP } });
    expect(swapped.of('token')).toMatchObject({ said: expect.stringContaining('another kind'), state: 'wrong' });
    expect(swapped.of('token')?.next).toContain('xoxb-');
    const team = (await examine({ env: { SLACK_TEAM_IDS: 'T09ELSE' } })).of('team');
    expect(team).toMatchObject({ state: 'wrong', next: expect.stringContaining('Add T01TEST') });
  });

  test('Socket Mode: the bot token in the place of the app token', async () => {
    const { of } = await examine({ door: [READY], env: { SLACK_MODE: 'socket', SLACK_APP_TOKEN: BOT } });
    expect(of('socket mode')).toMatchObject({ state: 'wrong', next: expect.stringContaining('xapp-') });
  });

  test('an app token under HTTP is pointed at: with Socket Mode on, Slack would not call', async () => {
    const { exit, of } = await examine({ env: { SLACK_APP_TOKEN: APP } });
    expect(exit).toBe(EXIT.done);
    expect(of('socket mode')).toMatchObject({
      state: 'skipped',
      said: expect.stringContaining('SLACK_APP_TOKEN is set'),
    });
  });

  test('the door: takes what nobody signed, is not there, is not ready', async () => {
    expect((await examine({ door: [READY, { status: 200 }] })).of('signatures')?.said).toContain('answered with 200');
    expect((await examine({ door: [READY, { status: 404 }] })).of('signatures')?.said).toContain('Socket Mode');
    const unready = await examine({ door: [{ status: 503, body: { ready: false, missing: { slack: 'no' } } }] });
    expect(unready.of('slack')?.state).toBe('wrong');
    expect(unready.of('signatures')?.state).toBe('skipped');
  });

  test.each([
    ['archived', { is_archived: true }, 'is archived', 'Unarchive'],
    ['shared', { is_ext_shared: true }, 'shared with another company', 'of your own'],
    ['left', { members: ['U01ALICE'] }, 'not a member', '/invite'],
  ])('case 32: a channel that is %s', async (_, change, said, next) => {
    workspace.engine.upsertChannel({ id: 'C01APPROVALS', ...change });
    const { exit, of } = await examine();
    expect(exit).toBe(EXIT.problem);
    expect(of('#C01APPROVALS')).toMatchObject({ state: 'wrong', said: expect.stringContaining(said) });
    expect(of('#C01APPROVALS')?.next).toContain(next);
  });

  test('a channel Slack does not know, no channel at all, no policy, a broken one', async () => {
    const elsewhere = await examine({ policy: POLICY.replaceAll('C01APPROVALS', 'C09NOWHERE') });
    expect(elsewhere.of('#C09NOWHERE')).toMatchObject({ state: 'wrong', next: expect.stringContaining('/invite') });
    expect((await examine({ policy: 'version: 1\n' })).of('channels')?.said).toContain('direct messages');
    expect((await examine({ env: { SALLYPORT_POLICY: '' } })).of('channels')?.state).toBe('skipped');
    expect((await examine({ policy: 'version: 2\n' })).of('channels')?.next).toContain('sallyport policy check');
  });

  test('the channel for cards no other takes is looked at too, and one that serves both but once', async () => {
    await writeFile(join(folder, 'policy.yaml'), POLICY);
    const loaded = await loadPolicy(join(folder, 'policy.yaml'), { allowHttpIssuers: true });
    if (!loaded.ok) throw new Error('the policy of this test does not compile');
    const asked: string[] = [];
    const call: SlackCall = async (_, args = {}) => {
      asked.push(args.channel ?? '');
      return err({ kind: 'refused', code: 'channel_not_found' });
    };
    const policy = { ...loaded.value.policy, slack: { fallbackChannel: 'C01LAST' } };
    const findings = await channelFindings(policy, () => call);
    expect(asked).toEqual(['C01APPROVALS', 'C01LAST']);
    expect(findings[1]?.said).toContain('for cards no other channel takes');
  });

  test('a pause Slack asks for is kept, and Slack that is away is told from Slack that says no', async () => {
    await workspace.driver.fault({ method: 'conversations.info', kind: '429', retry_after: 7 });
    const paused = await examine();
    expect(paused.exit).toBe(EXIT.done);
    expect(paused.slept).toEqual([7_000]);
    const away = await examine({ env: { SLACK_API_URL: 'http://127.0.0.1:4/api/' } });
    expect(away.of('token')).toMatchObject({ state: 'wrong', said: expect.stringContaining('no answer') });
  });

  test('settings that are missing are all named at once, exit 78; another word than slack is usage', async () => {
    const { exit, stderr } = await examine({ env: { SLACK_BOT_TOKEN: '', SLACK_SIGNING_SECRET: '' } });
    expect(exit).toBe(EXIT.configuration);
    expect(stderr).toContain('SLACK_BOT_TOKEN');
    expect(stderr).toContain('SLACK_SIGNING_SECRET');
    expect((await stage(['doctor', 'teams'])).exit).toBe(EXIT.usage);
  });

  test('people get one line each', async () => {
    const { env } = await examine();
    const { stdout } = await stage(['doctor', 'slack'], { env });
    expect(stdout).toMatch(/^ok {7}scopes {9}complete$/m);
    expect(stdout).toMatch(/^ok {7}#C01APPROVALS {2}approvals, for orders-db, billing: the bot is a member$/m);
  });
});
