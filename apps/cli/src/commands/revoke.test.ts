/** `sallyport revoke --token-file`: giving a single token back at the end of a job. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EXIT } from '../exit-codes.ts';
import { GRANT, ISSUED, notNow, oauth } from '../testing/answers.ts';
import { type Canned, withBroker } from '../testing/canned-broker.ts';
import { stage } from '../testing/stage.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-revoke-'));
  await writeFile(join(folder, 'token'), `${ISSUED}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Without any credential: who has the token may give it back. */
function revoke(args: readonly string[], answers: readonly Canned[]) {
  return withBroker(answers, async ({ origin, asked }) => ({
    ...(await stage(['revoke', ...args], { env: { SALLYPORT_ISSUER: origin } })),
    asked,
  }));
}

test('revokes it (RFC 7009), needing no other credential, and shows it nowhere', async () => {
  const { exit, stdout, stderr, asked } = await revoke(['--token-file', join(folder, 'token')], [{ status: 200 }]);
  expect([exit, stdout]).toEqual([EXIT.done, 'the token is revoked\n']);
  expect(asked.map(({ path, form }) => [path, Object.fromEntries(form)])).toEqual([
    ['/oauth/revoke', { token: ISSUED, client_id: 'ci' }],
  ]);
  expect(stdout + stderr).not.toContain(ISSUED);
});

test.each([
  ['another client’s token', [oauth('invalid_request', 'not yours')], EXIT.usage],
  ['an outage', [notNow], EXIT.unreachable],
  ['a broker that is none', [{ status: 404, body: '<html></html>' }], EXIT.unreachable],
])('%s is no success', async (_, answers, expected) => {
  const { exit, stdout } = await revoke(['--token-file', join(folder, 'token')], answers);
  expect([exit, stdout]).toEqual([expected, '']);
});

test('a file that is not there is said before anybody is asked', async () => {
  const { exit, asked } = await revoke(['--token-file', join(folder, 'none')], [{ status: 200 }]);
  expect([exit, asked]).toEqual([EXIT.configuration, []]);
});

test.each([
  ['nothing', [], /<id> is missing, and so is --token-file/],
  ['two things', [GRANT, '--token-file', 'token'], /keep one/],
])('%s to revoke: 2', async (_, args, says) => {
  const { exit, stderr } = await revoke(args, []);
  expect(exit).toBe(EXIT.usage);
  expect(stderr).toMatch(says);
});
