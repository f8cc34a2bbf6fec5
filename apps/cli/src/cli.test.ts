/** The ways a run of the command line can end. */
import { describe, expect, test } from '@jest/globals';
import { EXIT } from './exit-codes.ts';
import { REQUEST } from './testing/answers.ts';
import { type Stage, stage } from './testing/stage.ts';

const TOKEN = { SALLYPORT_TOKEN: 'a-token' };
/** A port that was free a moment ago belongs to nobody; this one is never listened on. */
const NOBODY = { ...TOKEN, SALLYPORT_ISSUER: 'http://127.0.0.1:4' };

const usage: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no command', [], /Usage: sallyport/],
  ['an unknown command', ['open-sesame'], /unknown command/],
  ['a group without its command', ['policy'], /Usage: sallyport policy/],
  ['an unknown option', ['list', '--all'], /unknown option/],
  ['a missing argument', ['approve'], /missing required argument/],
  ['an argument too many', ['doctor', 'slack', 'who'], /too many arguments/],
  ['a part there is not', ['doctor', 'who'], /<part> must be slack, or nothing/],
  ['an unknown command of a group', ['keys', 'turn'], /unknown command/],
  ['an id that is none', ['approve', 'req_1'], /<request> must be the id of a request/],
  ['an id of another kind', ['deny', REQUEST.replace('req_', 'dec_')], /<request> must be the id/],
  ['what is neither grant nor request', ['revoke', 'tok_1'], /<id> must be the id of a grant or a request/],
  ['a duration that is none', ['approve', REQUEST, '--duration', '1.5h'], /--duration must be a duration/],
  ['a revision that is none', ['approve', REQUEST, '--revision', '0'], /--revision must be a whole number/],
  ['a wait beyond a day', ['token', '--audience', 'a', '--wait', '25h'], /--wait must be a duration of at most 24h/],
  ['a limit beyond the bound', ['list', '--limit', '201'], /--limit must be at most 200/],
  ['a workload that cannot be one', ['request', '--workload', 'a b'], /--workload must be the id of a workload/],
  ['a time that is none', ['request', '--not-before', 'tomorrow'], /--not-before must be a time/],
  ['a principal without its kind', ['policy', 'explain', '.', '--subject', 'alice'], /--subject must be person:ID/],
];

describe('usage', () => {
  test.each(usage)('%s ends with 2 and says what was expected', async (_, args, says) => {
    const { exit, stdout, stderr } = await stage(args, { env: NOBODY });
    expect([exit, stdout]).toEqual([EXIT.usage, '']);
    expect(stderr).toMatch(says);
  });

  test('everything that is wrong is said at once', async () => {
    const { stderr } = await stage(['request', '--duration', 'soon']);
    for (const name of ['--resource', '--role', '--duration', '--justification'])
      expect(stderr).toContain(`error: ${name} `);
  });

  test.each([['--help'], ['--version']])('%s ends with 0', async (flag) => {
    expect((await stage([flag])).exit).toBe(EXIT.done);
  });

  test('every command has a help with an example, and needs no settings for it', async () => {
    const commands = ['request', 'approve', 'deny', 'revoke', 'list', 'token', 'migrate', 'doctor'].map((one) => [one]);
    const nested = ['check', 'explain', 'simulate', 'test', 'schema'].map((one) => ['policy', one]);
    for (const path of [...commands, ...nested, ['audit', 'export'], ['audit', 'verify'], ['keys', 'generate']]) {
      const { exit, stdout } = await stage([...path, '--help']);
      expect([exit, path, /\nExamples?:\n {2}.*sallyport /.test(stdout)]).toEqual([EXIT.done, path, true]);
    }
  });
});

const settings: readonly (readonly [string, readonly string[], Stage['env'], RegExp])[] = [
  ['no token', ['list'], {}, /SALLYPORT_TOKEN: is missing/],
  ['an unknown setting', ['list'], { ...TOKEN, SALLYPORT_ISUER: 'x' }, /did you mean SALLYPORT_ISSUER/],
  ['an address that is none', ['list'], { ...TOKEN, SALLYPORT_ISSUER: 'localhost' }, /SALLYPORT_ISSUER: must be/],
  ['a token of two lines', ['list'], { SALLYPORT_TOKEN: 'a\nb' }, /SALLYPORT_TOKEN: must be one line/],
  ['a token no header takes', ['list'], { SALLYPORT_TOKEN: 'tökén' }, /SALLYPORT_TOKEN: must be a token/],
  ['a client that cannot be one', ['list'], { ...TOKEN, SALLYPORT_CLIENT_ID: 'a b' }, /SALLYPORT_CLIENT_ID: must be/],
  ['no database', ['migrate'], {}, /DATABASE_URL: is missing/],
  ['no audit key', ['audit', 'verify', 'x'], {}, /SALLYPORT_AUDIT_KEY: is missing/],
  ['a short audit key', ['audit', 'verify', 'x'], { SALLYPORT_AUDIT_KEY: 'abcd' }, /SALLYPORT_AUDIT_KEY: must be/],
  [
    'tokens in the clear in production',
    ['list'],
    { ...TOKEN, SALLYPORT_ENV: 'production', SALLYPORT_ISSUER: 'http://broker.acme.test' },
    /SALLYPORT_ISSUER: must be https in production/,
  ],
];

describe('configuration', () => {
  test.each(settings)('%s ends with 78 and names the variable', async (_, args, env = {}, says) => {
    const { exit, stdout, stderr } = await stage(args, { env });
    expect([exit, stdout]).toEqual([EXIT.configuration, '']);
    expect(stderr).toMatch(says);
  });

  test('a token is never shown, however wrong it is', async () => {
    const { stderr } = await stage(['list'], { env: { SALLYPORT_TOKEN: 'se crét' } });
    expect(stderr).not.toContain('crét');
  });
});

describe('unreachable', () => {
  test.each([
    [['list']],
    [['approve', REQUEST]],
    [['token', '--audience', 'https://orders-db.acme.test', '--wait', '10m']],
    [['request', '--resource', 'r', '--role', 'r', '--duration', '1h', '--justification', 'because', '--wait', '1m']],
  ])('%j ends with 69 at once, and says what to look at', async (args) => {
    const { exit, stdout, stderr, slept } = await stage(args, { env: NOBODY });
    expect([exit, stdout, slept]).toEqual([EXIT.unreachable, '', []]);
    expect(stderr).toMatch(/no answer from the broker .*nothing listens there\n.*SALLYPORT_ISSUER/);
  });

  test('machines get it as JSON on stderr', async () => {
    const { stderr } = await stage(['list', '--json'], { env: NOBODY });
    expect(JSON.parse(stderr)).toMatchObject({ exit: EXIT.unreachable, code: 'unreachable' });
  });
});

describe('a bug', () => {
  /** Reading it throws something nobody expected. */
  const broken = {
    get SALLYPORT_TOKEN(): string {
      throw new Error('the moon is full');
    },
  };

  test('ends with 70 and a message, without a stack', async () => {
    const { exit, stderr } = await stage(['list'], { env: broken });
    expect(exit).toBe(EXIT.bug);
    expect(stderr).toMatch(/this is a bug: the moon is full\nLOG_LEVEL=debug/);
    expect(stderr).not.toMatch(/ at .*\.ts/);
  });

  test('shows its stack with LOG_LEVEL=debug', async () => {
    const env = Object.defineProperty({ LOG_LEVEL: 'debug' }, 'SALLYPORT_TOKEN', {
      enumerable: true,
      get: () => broken.SALLYPORT_TOKEN,
    });
    expect((await stage(['list'], { env })).stderr).toMatch(/ at .*cli\.test\.ts/);
  });
});
