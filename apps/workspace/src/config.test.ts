/** Checks the program's configuration, above all that it never runs where it must not. */
import { expect, test } from '@jest/globals';
import { ConfigProblems } from '@sallyport/platform';
import { loadConfig } from './config.ts';

function problemsOf(env: Record<string, string>): string[] {
  try {
    loadConfig(env);
    return [];
  } catch (thrown) {
    if (thrown instanceof ConfigProblems) return thrown.problems.map(({ name }) => name);
    throw thrown;
  }
}

test('an empty environment gives the contract’s defaults', () => {
  const config = loadConfig({});
  expect(config).toMatchObject({
    port: 8083,
    requestUrl: 'http://127.0.0.1:8081/slack/events',
    mode: 'http',
    stateDir: '.sallyport',
  });
  expect(JSON.stringify(config)).not.toContain('xoxb');
});

test('the app’s port and the mode are taken from the environment', () => {
  const config = loadConfig({ SALLYPORT_SLACK_PORT: '9001', SALLYPORT_STANDIN_PORT: '0', SLACK_MODE: 'socket' });
  expect(config).toMatchObject({ port: 0, requestUrl: 'http://127.0.0.1:9001/slack/events', mode: 'socket' });
});

test('production is refused', () => {
  expect(problemsOf({ SALLYPORT_ENV: 'production' })).toContain('SALLYPORT_ENV');
});

test('the app is found where it listens', () => {
  expect(loadConfig({ SALLYPORT_HOST: '0.0.0.0' }).requestUrl).toBe('http://127.0.0.1:8081/slack/events');
  expect(loadConfig({ SALLYPORT_HOST: '::1' }).requestUrl).toBe('http://[::1]:8081/slack/events');
});

test('a mode nobody knows and an unknown name are both told', () => {
  expect(problemsOf({ SLACK_MODE: 'carrier-pigeon', SALLYPORT_STANDIN: '1' }).sort()).toEqual([
    'SALLYPORT_STANDIN',
    'SLACK_MODE',
  ]);
});
