/** Signing keys of a running broker: rotated under load by the command operators use, gone for a while, leaked. */
import { execFile } from 'node:child_process';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { type House, startHouse } from './house/house.ts';
import { ORDERS, type People, peopleOf } from './house/people.ts';
import { until } from './house/until.ts';

jest.setTimeout(180_000);
const CLI = fileURLToPath(new URL('../../cli/dist/main.js', import.meta.url));
const FOLLOWS_MS = 5_000;
const run = promisify(execFile);

describe('signing keys', () => {
  let house: House;
  let people: People;
  let grant = '';
  beforeAll(async () => {
    house = await startHouse();
    people = peopleOf(house);
    grant = await people.approved();
  });
  afterAll(() => house?.stop());

  const file = () => house.env.SALLYPORT_SIGNING_KEYS ?? '';
  const cli = (...args: readonly string[]) =>
    run(process.execPath, [CLI, 'keys', ...args], {
      env: { PATH: process.env.PATH ?? '', SALLYPORT_SIGNING_KEYS: file() },
    });
  const published = async (): Promise<{ readonly kid: string; readonly alg: string }[]> =>
    JSON.parse(await (await fetch(`${house.broker.url}/oauth/jwks`)).text()).keys;
  const token = async (): Promise<string> => {
    const answer = await people.exchange({ request_id: grant });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return String(answer.body.access_token);
  };
  const kidOf = (text: string) => decodeProtectedHeader(text).kid;
  const active = async (text: string) => (await people.introspect(text)).body.active;
  const alarms = (event: string) => house.broker.log().split(event).length - 1;

  test('I-24, fault K1: published, then signing, while tokens are issued and verified all the time: none fails', async () => {
    const fetched = () => createRemoteJWKSet(new URL(`${house.broker.url}/oauth/jwks`));
    let jwks = fetched();
    const verify = (text: string) => jwtVerify(text, jwks, { issuer: house.issuer, audience: ORDERS, typ: 'at+jwt' });
    const kids = new Set<string | undefined>();
    let rotating = true;
    let verified = 0;
    const load = async (): Promise<void> => {
      while (rotating) {
        const text = await token();
        await verify(text);
        if ((await active(text)) !== true) throw new Error('issued, and not active');
        kids.add(kidOf(text));
        verified += 1;
      }
    };
    const loads = [load(), load()];
    const [first] = await published();
    const before = await token();
    await cli('rotate');
    await until('the next key is published', FOLLOWS_MS, async () => (await published()).length === 2);
    await cli('publish', '--alg', 'RS256');
    await until('so is an RS256 key', FOLLOWS_MS, async () => (await published()).some(({ alg }) => alg === 'RS256'));
    expect([...kids]).toEqual([first?.kid]);
    rotating = false;
    await Promise.all(loads);

    // Hours go by, as far as the file is concerned: a broker that starts believes it, and what verifiers cached is old.
    await writeFile(`${file()}.edited`, hoursLater(await readFile(file(), 'utf8')), { mode: 0o600 });
    await rename(`${file()}.edited`, file());
    expect(await house.broker.end('SIGTERM')).toBe(0);
    await house.broker.start();
    jwks = fetched();
    rotating = true;
    const again = [load(), load()];
    await cli('rotate');
    await until('the next key signs', FOLLOWS_MS, async () => kidOf(await token()) !== first?.kid);
    await verify(before);
    expect(await active(before)).toBe(true);
    rotating = false;
    await Promise.all(again);
    expect([kids.size, verified > 20]).toEqual([2, true]);
    await until('the trail says which keys are in force', FOLLOWS_MS, async () => {
      const rows = await house.database.sql<{ leaf: string }>(
        `select convert_from(leaf, 'UTF8') as leaf from audit where type = 'keys.in_force'`,
      );
      return rows.some(({ leaf }) => [...kids].every((kid) => leaf.includes(String(kid))));
    });
  });

  test('fault K2: the file is gone: the broker goes on, with an alarm; one that starts does not, and makes no key', async () => {
    await rename(file(), `${file()}.away`);
    await until('the alarm', FOLLOWS_MS, () => alarms('"keys.refused"') > 0);
    expect(await active(await token())).toBe(true);
    const refused = await run(process.execPath, [CLI.replace('/cli/', '/broker/')], {
      env: { ...house.env, DATABASE_URL: house.database.as('sallyport_broker'), SALLYPORT_BROKER_PORT: '0' },
    }).catch((thrown: { code: number; stderr: string }) => thrown);
    expect(refused).toMatchObject({ code: 78, stderr: expect.stringContaining('keys generate --out') });
    await expect(readFile(file())).rejects.toThrow('ENOENT');
    await rename(`${file()}.away`, file());
    await until('all is well again', FOLLOWS_MS, () => alarms('"keys.good_again"') > 0);
  });

  test('K3: after a leak new keys sign within five seconds, and what the old ones signed is refused', async () => {
    const stolen = await token();
    await cli('rotate', '--now');
    await until('the old key is gone', FOLLOWS_MS, async () =>
      (await published()).every(({ kid }) => kid !== kidOf(stolen)),
    );
    expect([await active(stolen), await active(await token())]).toEqual([false, true]);
  });

  test('I-15: no private key in any log', async () => {
    const { keys } = JSON.parse(await readFile(file(), 'utf8'));
    for (const { d } of keys) expect(house.broker.log()).not.toContain(d);
  });
});

/** Every time noted in a key file, two hours earlier. */
function hoursLater(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (at) => new Date(Date.parse(at) - 7_200_000).toISOString());
}
