/** The settings: every problem at once, each mode with its own secret, nothing insecure in production. */
import { describe, expect, test } from '@jest/globals';
import { ConfigProblems } from '@sallyport/platform';
import { loadConfig } from './config.ts';

const GOOD = {
  SLACK_BOT_TOKEN: 'xoxb-123456789',
  SLACK_SIGNING_SECRET: '0123456789abcdef',
  DATABASE_URL: 'postgres://localhost/sallyport',
  REDIS_URL: 'redis://localhost',
  SALLYPORT_AUDIT_KEY: '00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210',
};

function problemsOf(env: Record<string, string | undefined>): readonly string[] {
  try {
    loadConfig(env);
    return [];
  } catch (thrown) {
    if (!(thrown instanceof ConfigProblems)) throw thrown;
    return thrown.problems.map((one) => one.name);
  }
}

describe('settings', () => {
  test('HTTP with defaults', () => {
    const config = loadConfig(GOOD);
    expect(config).toMatchObject({
      port: 8081,
      host: '127.0.0.1',
      apiUrl: 'https://slack.com/api/',
      teamIds: [],
      logLevel: 'info',
    });
    expect(config.slack.mode).toBe('http');
    expect(JSON.stringify(config)).not.toContain('xoxb');
  });

  test('an app that installs itself needs all of its credentials, a list of teams and a key, and no bot token', () => {
    const { SLACK_BOT_TOKEN: _, ...rest } = GOOD;
    expect(problemsOf(rest)).toEqual(['SLACK_BOT_TOKEN']);
    const credentials = { SLACK_CLIENT_ID: '1111.2222', SLACK_CLIENT_SECRET: 'client-secret' };
    const whole = { ...rest, ...credentials, SLACK_TEAM_IDS: 'T01,T02', SALLYPORT_KEY_ENCRYPTION_KEY: '01'.repeat(32) };
    const config = loadConfig(whole);
    expect(config).toMatchObject({ botToken: undefined, teamIds: ['T01', 'T02'], install: expect.anything() });
    expect(JSON.stringify(config)).not.toContain('client-secret');
    for (const name of ['SLACK_CLIENT_SECRET', 'SLACK_TEAM_IDS', 'SALLYPORT_KEY_ENCRYPTION_KEY']) {
      expect(problemsOf({ ...whole, [name]: undefined })).toEqual([name]);
    }
    expect(problemsOf({ ...whole, SLACK_CLIENT_ID: undefined })).toEqual(['SLACK_BOT_TOKEN', 'SLACK_CLIENT_ID']);
    const socket = { ...whole, SLACK_MODE: 'socket', SLACK_APP_TOKEN: 'xapp-1-A1-2-3' };
    expect(problemsOf(socket)).toEqual(['SLACK_CLIENT_ID']);
  });

  test('one token in the place of another is named, and so is a setting the mode does not use', () => {
    const swapped = { ...GOOD, SLACK_BOT_TOKEN: 'xapp-123456789', SLACK_APP_TOKEN: 'xoxb-123456789' };
    expect(problemsOf(swapped)).toEqual(['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN']);
    expect(problemsOf({ ...GOOD, SLACK_BOT_TOKEN: 'xoxp-123456789' })).toEqual(['SLACK_BOT_TOKEN']);
    const both = { ...GOOD, SLACK_APP_TOKEN: 'xapp-123456789' };
    expect(loadConfig(both).unused).toEqual(['SLACK_APP_TOKEN']);
    expect(loadConfig({ ...both, SLACK_MODE: 'socket' }).unused).toEqual([]);
  });

  test('Socket Mode needs the app token and no signing secret', () => {
    const { SLACK_SIGNING_SECRET: _, ...rest } = GOOD;
    expect(loadConfig({ ...rest, SLACK_MODE: 'socket', SLACK_APP_TOKEN: 'xapp-123456789' }).slack.mode).toBe('socket');
    expect(problemsOf({ ...rest, SLACK_MODE: 'socket' })).toEqual(['SLACK_APP_TOKEN']);
  });

  test('case 34: an empty or missing signing secret is a problem, not a default', () => {
    expect(problemsOf({ ...GOOD, SLACK_SIGNING_SECRET: '' })).toEqual(['SLACK_SIGNING_SECRET']);
    expect(problemsOf({ ...GOOD, SLACK_SIGNING_SECRET: undefined })).toEqual(['SLACK_SIGNING_SECRET']);
  });

  test('everything wrong is said at once', () => {
    expect(problemsOf({ SLACK_MODE: 'carrier-pigeon', SALLYPORT_SLAK_PORT: '1' })).toEqual(
      expect.arrayContaining([
        'SALLYPORT_SLAK_PORT',
        'SLACK_MODE',
        'SLACK_BOT_TOKEN',
        'DATABASE_URL',
        'REDIS_URL',
        'SALLYPORT_AUDIT_KEY',
      ]),
    );
  });

  test('another Web API ends with a slash; in production it must be https', () => {
    const local = { ...GOOD, SLACK_API_URL: 'http://127.0.0.1:3900/api' };
    expect(loadConfig(local).apiUrl).toBe('http://127.0.0.1:3900/api/');
    const production = { SALLYPORT_ENV: 'production', SALLYPORT_ISSUER: 'https://sallyport.acme.test' };
    expect(problemsOf({ ...local, ...production })).toEqual(['SLACK_API_URL']);
    expect(problemsOf({ ...GOOD, ...production })).toEqual([]);
  });

  test('links lead to the broker: in production its address is said, and https', () => {
    expect(loadConfig(GOOD).issuer).toBe('http://localhost:8080');
    expect(problemsOf({ ...GOOD, SALLYPORT_ENV: 'production' })).toEqual(['SALLYPORT_ISSUER']);
    const open = { ...GOOD, SALLYPORT_ENV: 'production', SALLYPORT_ISSUER: 'http://sallyport.acme.test' };
    expect(problemsOf(open)).toEqual(['SALLYPORT_ISSUER']);
  });

  test('team ids are a list', () => {
    expect(loadConfig({ ...GOOD, SLACK_TEAM_IDS: 'T01TEST, T02OTHER' }).teamIds).toEqual(['T01TEST', 'T02OTHER']);
  });
});
