/** B1: a broker that drains answers what is in flight, over real connections, and then lets go of them. */
import { Agent, get, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from './testing/broker-house.ts';
import { type Callers, callersOf } from './testing/callers.ts';

let house: BrokerHouse;
let call: Callers;
let base: string;
let agent: Agent;
beforeEach(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
  base = await house.app.listen({ host: '127.0.0.1', port: 0 });
  agent = new Agent({ keepAlive: true });
});
afterEach(async () => {
  agent.destroy();
  await house.close();
});

interface Got {
  readonly status: number | undefined;
  readonly connection: string | undefined;
  readonly state: string;
}

async function read(path: string): Promise<Got> {
  const headers = { authorization: `Bearer ${await call.idToken('alice')}` };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${base}${path}`, { agent, headers }, resolve).on('error', reject);
  });
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part);
  const { state } = JSON.parse(Buffer.concat(parts).toString('utf8')) as { state: string };
  return { status: answer.statusCode, connection: answer.headers.connection, state };
}

async function until(condition: () => boolean): Promise<void> {
  for (let looks = 0; looks < 500; looks++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not come to that');
}

test('fault B1: held polls are answered early, each connection is closed after its answer, and closing comes to an end', async () => {
  const { body } = await call.ask('alice');
  const path = `/v1/access-requests/${body.id}`;
  expect(await read(path)).toEqual({ status: 200, connection: 'keep-alive', state: 'pending' });
  const held = [1, 2, 3].map(() => read(`${path}?wait=20`));
  await until(() => house.heldNow() === 3);
  house.drain();
  const closed = house.app.close();
  for (const answer of await Promise.all(held)) {
    expect(answer).toEqual({ status: 200, connection: 'close', state: 'pending' });
  }
  await closed;
  await expect(read(path)).rejects.toThrow(/ECONNREFUSED|ECONNRESET|socket hang up/);
});

test('fault B1: between the signal and the last answer, a new call is still served, and told to go elsewhere next', async () => {
  const { body } = await call.ask('alice');
  house.drain();
  const answer = await read(`/v1/access-requests/${body.id}?wait=20`);
  expect(answer).toEqual({ status: 200, connection: 'close', state: 'pending' });
});
