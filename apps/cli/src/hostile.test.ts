/** On a terminal, and in what machines read, other people's words stay words. */
import { describe, expect, test } from '@jest/globals';
import { deceptions, HOSTILE_TEXTS } from '@sallyport/testkit/core';
import { problem, requestBody } from './testing/answers.ts';
import { type Canned, withBroker } from './testing/canned-broker.ts';
import { stage } from './testing/stage.ts';

const ASK = [
  'request',
  '--resource',
  'orders-db',
  '--role',
  'admin',
  '--duration',
  '30m',
  '--justification',
  'because',
];

/** What our own painting writes. */
const COLOURS = /\u001b\[\d+m/g;
const CLEAR = /\r\u001b\[2K/g;

describe.each(Object.entries(HOSTILE_TEXTS))('%s', (_what, hostile) => {
  const run = (args: readonly string[], answer: Canned) =>
    withBroker([answer], (broker) => stage(args, { env: broker.env, terminal: true }));
  const said = ({ stdout, stderr }: Awaited<ReturnType<typeof run>>) =>
    `${stdout}${stderr}`.replace(CLEAR, '').replace(COLOURS, '');
  const body = requestBody({ justification: hostile, ticket: hostile, role: hostile, requester: hostile });

  test.each([
    ['list', { status: 200, body: { items: [body], next_cursor: null } }],
    ['request', { status: 201, body }],
    ['a refusal', problem(422, 'malformed', { detail: hostile })],
  ] as const)('%s', async (what, answer) => {
    const args = what === 'list' ? ['list'] : ASK;
    expect(deceptions(said(await run(args, answer)))).toEqual([]);
    const forMachines = await run([...args, '--json'], answer);
    const text = said(forMachines);
    expect(deceptions(text)).toEqual([]);
    for (const line of text.trim().split('\n')) JSON.parse(line);
  });
});
