/** `sallyport token`: what it asks, and where the token goes. */
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EXIT } from '../exit-codes.ts';
import { ISSUED, issued, oauth, pending, REQUEST } from '../testing/answers.ts';
import { TOKEN } from '../testing/canned-broker.ts';
import { ASK, runToken } from '../testing/run-token.ts';
import { stage } from '../testing/stage.ts';

describe('what is asked', () => {
  test('is spelled as in RFC 8693, with the token of the caller as the subject token', async () => {
    const { asked } = await runToken(ASK, [issued], { env: { SALLYPORT_CLIENT_ID: 'ci-runner' } });
    expect(asked.map(({ method, path }) => [method, path])).toEqual([['POST', '/oauth/token']]);
    expect(Object.fromEntries(asked[0]?.form ?? [])).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      client_id: 'ci-runner',
      subject_token: TOKEN,
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      audience: 'https://orders-db.acme.test',
      scope: 'orders:write',
    });
  });

  test('is everything that was typed', async () => {
    const more = ['--reason', 'Deploy', '--duration', '30m', '--request', REQUEST, '--wait', '1m'];
    const { asked } = await runToken([...ASK, ...more], [issued]);
    expect(Object.fromEntries(asked[0]?.form ?? [])).toMatchObject({
      reason: 'Deploy',
      requested_duration: '30m',
      request_id: REQUEST,
      completion_mode: 'deferred',
    });
  });

  test('P2: without --wait people are not asked, and it says how to', async () => {
    const { exit, stderr, asked } = await runToken(ASK, [oauth('access_denied', 'approval_required')]);
    expect([exit, asked[0]?.form.has('completion_mode')]).toEqual([EXIT.notAllowed, false]);
    expect(stderr).toContain('--wait 10m');
  });

  test('P3: --wait 0 asks people once, and does not wait for them', async () => {
    const { exit, slept, asked, stderr } = await runToken([...ASK, '--wait', '0'], [pending]);
    expect([exit, slept, asked.length]).toEqual([EXIT.pending, [], 1]);
    expect(asked[0]?.form.get('completion_mode')).toBe('deferred');
    expect(stderr).toContain(`${REQUEST} is still waiting for approval`);
  });
});

describe('the token', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-token-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('is alone on stdout; what it is for is said on stderr', async () => {
    const { exit, stdout, stderr } = await runToken(ASK, [issued]);
    expect([exit, stdout]).toEqual([EXIT.done, `${ISSUED}\n`]);
    expect(stderr).toContain('orders:write, 600 s');
    expect(stderr).not.toContain(ISSUED);
  });

  test('comes with the whole answer for machines', async () => {
    const { stdout } = await runToken([...ASK, '--json'], [issued]);
    expect(JSON.parse(stdout)).toMatchObject({ access_token: ISSUED, expires_in: 600, request_id: REQUEST });
  });

  test('goes to a file of its owner alone, and then not to stdout, whatever lay there', async () => {
    const [path, elsewhere] = [join(folder, 'token'), join(folder, 'elsewhere')];
    await writeFile(elsewhere, 'old', { mode: 0o644 });
    await symlink(elsewhere, path);
    const { exit, stdout } = await runToken([...ASK, '--output', path], [issued]);
    expect([exit, stdout, await readFile(path, 'utf8')]).toEqual([EXIT.done, '', ISSUED]);
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600');
    expect(await readFile(elsewhere, 'utf8')).toBe('old');
    expect((await readdir(folder)).sort()).toEqual(['elsewhere', 'token']);
  });

  test('is not lost silently when that file cannot be written', async () => {
    const { exit, stdout, stderr } = await runToken([...ASK, '--output', join(folder, 'no', 'where')], [issued]);
    expect([exit, stdout]).toEqual([EXIT.usage, '']);
    expect(stderr).toMatch(/where cannot be written \(ENOENT\)/);
  });

  test.each([
    ['a web page', { status: 200, body: '<html></html>', headers: { 'content-type': 'text/html' } }],
    ['another JSON', { status: 200, body: { hello: 'world' } }],
    ['a token that could repaint the terminal', { status: 200, body: { ...issuedWith('eyJ\u001b[2K') } }],
    ['another kind of token', { status: 200, body: { ...issuedWith(ISSUED), token_type: 'N_A' } }],
    ['a redirect', { status: 302, headers: { location: 'https://elsewhere.acme.test/' } }],
    [
      'an answer without end',
      { status: 200, body: 'x'.repeat(2_000_000), headers: { 'content-type': 'application/json' } },
    ],
  ])('%s is not taken for one', async (_, answer) => {
    const { exit, stdout } = await runToken(ASK, [answer]);
    expect([exit, stdout]).toEqual([EXIT.unreachable, '']);
  });
});

function issuedWith(token: string): object {
  return { ...(issued.body as object), access_token: token };
}

describe('--help', () => {
  test('says where credentials come from, in order, and every exit code', async () => {
    const { exit, stdout } = await stage(['token', '--help']);
    expect(exit).toBe(EXIT.done);
    for (const place of ['--subject-token', 'SALLYPORT_TOKEN', 'GitHub', 'Buildkite', 'Kubernetes', 'browser']) {
      expect(stdout).toContain(place);
    }
    const codes = Object.values(EXIT).filter((code) => code !== EXIT.problem);
    const listed = stdout.slice(stdout.indexOf('Exit codes:'));
    for (const code of codes) expect(listed).toMatch(new RegExp(`(^|\\s)${code} `));
  });
});
