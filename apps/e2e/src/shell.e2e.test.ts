/** Waiting from a shell and from a workflow, with the real programs: what a pipeline sees while people decide. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EXIT } from '@sallyport/cli';
import { type House, startHouse } from './house/house.ts';
import { type People, peopleOf, WHY } from './house/people.ts';
import { ACTION, CLI, type Running, start } from './house/shell.ts';

const STAGING = 'https://staging.acme.test';
const ASK = ['token', '--audience', STAGING, '--scope', 'staging:deploy', '--reason', 'Deploy of 2031.6'];

let house: House;
let people: People;
beforeAll(async () => {
  house = await startHouse();
  people = peopleOf(house);
}, 120_000);
afterAll(() => house.stop(), 60_000);

async function cli(...more: string[]): Promise<Running> {
  return start(CLI, [...ASK, ...more], { SALLYPORT_ISSUER: house.issuer, SALLYPORT_TOKEN: await people.jobToken() });
}

async function requestOf(running: Running): Promise<string> {
  await running.says('req_');
  return /req_[0-9a-z]{26}/.exec(running.stderr() + running.stdout())?.[0] ?? '';
}

const decide = (who: string, id: string, verdict: 'approve' | 'deny') =>
  people.rest(who, 'POST', `/v1/access-requests/${id}/decisions`, { verdict, revision: 1 });

describe('sallyport token --wait', () => {
  test('shows how many have approved, and ends with 4 when somebody denies', async () => {
    const waiting = await cli('--wait', '2m');
    await waiting.says('0 of 1 approvals');
    await decide('bob', await requestOf(waiting), 'deny');
    expect([await waiting.end(), waiting.stdout()]).toEqual([EXIT.denied, '']);
    expect(waiting.stderr()).toContain('an approver denied this');
  }, 60_000);

  test('Ctrl-C with --cancel-on-exit takes the request back', async () => {
    const waiting = await cli('--wait', '2m', '--cancel-on-exit');
    const id = await requestOf(waiting);
    waiting.signal('SIGINT');
    expect(await waiting.end()).toBe(EXIT.interrupted);
    expect((await people.rest('alice', 'GET', `/v1/access-requests/${id}`)).body).toMatchObject({ state: 'canceled' });
  }, 60_000);

  test('P4 P25: a second run joins the request of the first, and lives through a broker that dies meanwhile', async () => {
    const first = await cli('--wait', '1s');
    const id = await requestOf(first);
    expect(await first.end()).toBe(EXIT.pending);

    const second = await cli('--wait', '2m');
    expect(await requestOf(second)).toBe(id);
    await house.broker.end('SIGKILL');
    await second.says('trying again');
    await house.broker.start();
    await decide('bob', id, 'approve');
    expect(await second.end()).toBe(EXIT.done);
    const token = second.stdout().trimEnd();
    expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(second.stderr()).not.toContain(token);

    const third = await cli();
    expect([await third.end(), third.stderr()]).toEqual([EXIT.done, expect.stringContaining('staging:deploy')]);
  }, 120_000);
});

test('sallyport token --via ciba: the same wait through the backchannel endpoint', async () => {
  const env = { SALLYPORT_ISSUER: house.issuer, SALLYPORT_TOKEN: await people.jobToken('456') };
  const waiting = start(CLI, [...ASK, '--via', 'ciba', '--wait', '2m'], env);
  await decide('dan', await requestOf(waiting), 'approve');
  expect([await waiting.end(), waiting.stdout()]).toEqual([EXIT.done, expect.stringMatching(/^ey[\w.-]+\n$/)]);
}, 60_000);

describe('the GitHub Action', () => {
  let service: Server;
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-runner-'));
    service = createServer((_, res) => {
      void people.jobToken().then((value) => {
        res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ value }));
      });
    });
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    await new Promise((resolve) => service.close(resolve));
    await rm(folder, { recursive: true, force: true });
  });

  test('waits for two people, hands a working token on, and its post step ends it', async () => {
    const state = join(folder, 'state');
    await writeFile(state, '');
    const env = {
      GITHUB_ACTIONS: 'true',
      GITHUB_STATE: state,
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${(service.address() as AddressInfo).port}/?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runner',
      INPUT_ISSUER: house.issuer,
      INPUT_AUDIENCE: 'orders-db',
      INPUT_SCOPE: 'orders:write',
      INPUT_REASON: WHY,
      INPUT_WAIT: '2m',
    };
    const step = start(ACTION, [], env);
    const id = await requestOf(step);
    await step.says('0 of 2 approvals');
    await decide('bob', id, 'approve');
    await decide('dan', id, 'approve');
    expect(await step.end()).toBe(EXIT.done);

    const token = /^::add-mask::(.+)$/m.exec(step.stdout())?.[1] ?? '';
    expect((await people.introspect(token)).body).toMatchObject({ active: true, scope: 'orders:write' });
    expect(await readFile(state, 'utf8')).toContain(token);

    const post = start(ACTION, [], { ...env, STATE_phase: 'post', STATE_token: token });
    expect(await post.end()).toBe(EXIT.done);
    expect((await people.introspect(token)).body).toEqual({ active: false });
  }, 120_000);
});
