/** `sallyport token --federate`: one exchange where nobody is waited for, else one more at the end; and the forms it is handed on in. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EXIT } from '../exit-codes.ts';
import { FORMATS } from '../formats/formats.ts';
import {
  FEDERATED,
  federated,
  GRANT,
  ISSUED,
  issued,
  notNow,
  oauth,
  pending,
  stillPending,
} from '../testing/answers.ts';
import { TOKEN } from '../testing/canned-broker.ts';
import { ASK, grantTypes, runToken, WAIT } from '../testing/run-token.ts';
import { stage } from '../testing/stage.ts';

const JWT = 'urn:ietf:params:oauth:token-type:jwt';
const FEDERATE = [...ASK, '--federate'];
const FEDERATE_WAIT = [...WAIT, '--federate'];

describe('what is asked', () => {
  test('T15: without --wait, one exchange for a federation token', async () => {
    const { exit, stdout, stderr, asked } = await runToken(FEDERATE, [federated]);
    expect([exit, stdout]).toEqual([EXIT.done, `${FEDERATED}\n`]);
    expect(asked.map(({ form }) => Object.fromEntries(form))).toEqual([
      expect.objectContaining({ subject_token: TOKEN, requested_token_type: JWT, scope: 'orders:write' }),
    ]);
    expect(stderr).toContain(`orders:write, 300 s, ${GRANT}`);
    expect(stderr).not.toContain(FEDERATED);
  });

  test('T15: with --wait, an access token is waited for, and exchanged for it by the same client', async () => {
    const { exit, stdout, asked } = await runToken(FEDERATE_WAIT, [pending, issued, federated]);
    expect([exit, stdout]).toEqual([EXIT.done, `${FEDERATED}\n`]);
    expect(grantTypes(asked)).toEqual(['token-exchange', 'deferred', 'token-exchange']);
    expect(asked[0]?.form.has('requested_token_type')).toBe(false);
    expect(Object.fromEntries(asked[2]?.form ?? [])).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      client_id: 'ci',
      subject_token: ISSUED,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      audience: 'https://orders-db.acme.test',
      requested_token_type: JWT,
    });
  });

  test('with --wait, an outage at the last step is waited out, and then no token is no success', async () => {
    const passed = await runToken(FEDERATE_WAIT, [pending, issued, notNow, federated]);
    expect([passed.exit, passed.stdout]).toEqual([EXIT.done, `${FEDERATED}\n`]);
    const stays = await runToken(FEDERATE_WAIT, [pending, issued, notNow]);
    expect([stays.exit, stays.stdout]).toEqual([EXIT.unreachable, '']);
  });

  test('P2: without --wait nobody is asked', async () => {
    const { exit, stderr } = await runToken(FEDERATE, [oauth('access_denied', 'approval_required')]);
    expect([exit, stderr]).toEqual([EXIT.notAllowed, expect.stringContaining('--wait 10m')]);
  });
});

describe('exit codes are those of the wait', () => {
  test.each([
    [EXIT.pending, 'nobody has decided', FEDERATE, [stillPending]],
    [EXIT.pending, 'the time is over', [...ASK, '--wait', '12s', '--federate'], [pending, stillPending]],
    [EXIT.denied, 'denied', FEDERATE_WAIT, [pending, oauth('access_denied', 'denied')]],
    [EXIT.denied, 'revoked at the last step', FEDERATE_WAIT, [pending, issued, oauth('access_denied', 'revoked')]],
    [EXIT.usage, 'a resource for bound tokens', FEDERATE, [oauth('invalid_request', 'this resource takes bound')]],
  ])('%i: %s', async (code, _, args, answers) => {
    const { exit, stdout } = await runToken(args, answers);
    expect([exit, stdout]).toEqual([code, '']);
  });

  test.each([
    ['an access token', issued],
    ['a federation token that calls itself a bearer token', { status: 200, body: { ...body(), token_type: 'Bearer' } }],
    ['one without its type', { status: 200, body: { ...body(), issued_token_type: undefined } }],
  ])('69: %s is not taken for a federation token', async (_, answer) => {
    const { exit, stdout } = await runToken(FEDERATE, [answer]);
    expect([exit, stdout]).toEqual([EXIT.unreachable, '']);
  });

  test('69: a federation token nobody asked for is not taken for an access token', async () => {
    expect(await runToken(ASK, [federated])).toMatchObject({ exit: EXIT.unreachable, stdout: '' });
  });

  test.each([
    ['a form that is none', [...FEDERATE, '--format', 'aws'], /must be token, kubernetes-exec, google-executable/],
    ['a form for an access token', [...ASK, '--format', 'kubernetes-exec'], /--format goes with --federate/],
    ['two forms', [...FEDERATE, '--format', 'token', '--json'], /--format is another form than --json/],
  ])('2: %s', async (_, args, says) => {
    const { exit, stderr } = await stage(args);
    expect([exit, stderr]).toEqual([EXIT.usage, expect.stringMatching(says)]);
  });
});

describe('--format', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-federate-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function inFormat(format: string, token = FEDERATED): Promise<unknown> {
    const answer = { ...federated, body: { ...body(), access_token: token } };
    const { exit, stdout } = await runToken([...FEDERATE, '--format', format], [answer]);
    expect([exit, stdout.split('\n').length]).toEqual([EXIT.done, 2]);
    return JSON.parse(stdout);
  }

  test('kubernetes-exec: an ExecCredential that ends with the token', async () => {
    expect(await inFormat('kubernetes-exec')).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: FEDERATED, expirationTimestamp: '2026-01-02T03:09:05Z' },
    });
  });

  test('google-executable: version 1, a JWT, and when it ends', async () => {
    expect(await inFormat('google-executable')).toEqual({
      version: 1,
      success: true,
      token_type: JWT,
      id_token: FEDERATED,
      expiration_time: 1_767_323_345,
    });
  });

  test.each(['opaque', 'a.b.c', 'a.eyJleHAiOiJzb29uIn0.c', 'a.eyJleHAiOjllOTl9.c', 'a.bnVsbA.c'])(
    'no end is made up for %s',
    async (token) => {
      expect(await inFormat('kubernetes-exec', token)).toMatchObject({ status: { token } });
      expect(await inFormat('kubernetes-exec', token)).not.toHaveProperty('status.expirationTimestamp');
      expect(await inFormat('google-executable', token)).not.toHaveProperty('expiration_time');
    },
  );

  test('google-executable says not a word on stderr: the library takes it for the answer', async () => {
    const args = [...FEDERATE_WAIT, '--format', 'google-executable'];
    const passed = await runToken(args, [pending, notNow, issued, federated], { terminal: true });
    expect([passed.exit, passed.stderr]).toEqual([EXIT.done, '']);
    const failed = await runToken(args, [pending, oauth('access_denied', 'denied')]);
    expect([failed.exit, failed.stdout, failed.stderr]).toEqual([EXIT.denied, '', expect.stringContaining('denied')]);
  });

  test('kubernetes-exec says where a wait stands, and nothing when there is none', async () => {
    const args = ['--format', 'kubernetes-exec'];
    expect((await runToken([...FEDERATE, ...args], [federated])).stderr).toBe('');
    const { stderr } = await runToken([...FEDERATE_WAIT, ...args], [pending, issued, federated]);
    expect(stderr).toContain('Waiting for approval');
  });

  test('goes into --output as well', async () => {
    const path = join(folder, 'credential');
    const { stdout } = await runToken([...FEDERATE, '--format', 'google-executable', '--output', path], [federated]);
    expect([stdout, JSON.parse(await readFile(path, 'utf8'))]).toEqual(['', expect.objectContaining({ version: 1 })]);
  });

  test('every form is in --help', async () => {
    const { stdout } = await stage(['token', '--help']);
    for (const format of FORMATS) expect(stdout.replace(/\s+/g, ' ')).toContain(format);
  });
});

function body(): object {
  return federated.body as object;
}
