/** Tests of batching: who goes with whom, what is whose trouble, and that nobody waits for ever. */
import { expect, test } from '@jest/globals';
import { makeBatches } from './batches.ts';
import { StoreUnavailable } from './faults.ts';

/** A store that answers when told to, and remembers what it was asked together. */
function makeStore() {
  const asked: (readonly number[])[] = [];
  const under: { readonly answer: () => void; readonly fail: (why: Error) => void }[] = [];
  const run = (asks: readonly number[]): Promise<readonly (() => number)[]> => {
    asked.push(asks);
    return new Promise((resolve, reject) => {
      const answer = () =>
        resolve(
          asks.map((ask) => () => {
            if (ask < 0) throw new Error(`ask ${ask}`);
            return ask * 10;
          }),
        );
      under.push({ answer, fail: reject });
    });
  };
  return { asked, under, run };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const settled = (asking: Promise<number>) =>
  asking.then(
    (answer) => answer,
    (why: Error) => why.message,
  );

test('what is asked in one turn goes together; what comes meanwhile goes into the next', async () => {
  const { asked, under, run } = makeStore();
  const ask = makeBatches({ sizeMax: 10, inFlightMax: 1, run });
  const answers = [ask(1), ask(2)];
  await turn();
  answers.push(ask(3), ask(4));
  await turn();
  expect(asked).toEqual([[1, 2]]);
  under[0]?.answer();
  await turn();
  await turn();
  expect(asked).toEqual([
    [1, 2],
    [3, 4],
  ]);
  under[1]?.answer();
  expect(await Promise.all(answers)).toEqual([10, 20, 30, 40]);
});

test('a batch is bounded, and so is how many are under way', async () => {
  const { asked, under, run } = makeStore();
  const ask = makeBatches({ sizeMax: 2, inFlightMax: 2, run });
  const answers = [1, 2, 3, 4, 5].map(ask);
  for (let turns = 0; turns < 4; turns++) await turn();
  expect(asked).toEqual([
    [1, 2],
    [3, 4],
  ]);
  for (const one of under) one.answer();
  for (let turns = 0; turns < 4; turns++) await turn();
  expect(asked.at(-1)).toEqual([5]);
  under[2]?.answer();
  expect(await Promise.all(answers)).toEqual([10, 20, 30, 40, 50]);
});

test('beside a crowd that is under way a few wait: only as many begin another', async () => {
  const { asked, under, run } = makeStore();
  const ask = makeBatches({ sizeMax: 10, inFlightMax: 2, run });
  const answers = [1, 2, 3].map(ask);
  await turn();
  answers.push(ask(4), ask(5));
  for (let turns = 0; turns < 3; turns++) await turn();
  expect(asked).toEqual([[1, 2, 3]]);
  answers.push(ask(6));
  for (let turns = 0; turns < 3; turns++) await turn();
  expect(asked).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  for (const one of under) one.answer();
  expect(await Promise.all(answers)).toEqual([10, 20, 30, 40, 50, 60]);
});

test('a single ask goes at once, and the next beside it', async () => {
  const { asked, under, run } = makeStore();
  const ask = makeBatches({ sizeMax: 10, inFlightMax: 2, run });
  const answers = [ask(1)];
  await turn();
  answers.push(ask(2));
  await turn();
  expect(asked).toEqual([[1], [2]]);
  for (const one of under) one.answer();
  expect(await Promise.all(answers)).toEqual([10, 20]);
});

test('trouble with one ask is its own; a statement that fails is everybody’s, and the next goes on', async () => {
  const { under, run } = makeStore();
  const ask = makeBatches({ sizeMax: 10, inFlightMax: 1, run });
  const first = [ask(1), ask(-2)].map(settled);
  await turn();
  under[0]?.answer();
  expect(await Promise.all(first)).toEqual([10, 'ask -2']);
  const second = [ask(3), ask(4)].map(settled);
  await turn();
  under[1]?.fail(new Error('gone'));
  expect(await Promise.all(second)).toEqual(['gone', 'gone']);
  const third = ask(5);
  await turn();
  under[2]?.answer();
  expect(await third).toBe(50);
});

test('with too many waiting the store is busy at once; those who wait get their turn', async () => {
  const { under, run } = makeStore();
  const ask = makeBatches({ sizeMax: 5_000, inFlightMax: 1, run });
  const busy = new StoreUnavailable('busy').message;
  const answers = Array.from({ length: 5_100 }, (_, index) => settled(ask(index)));
  expect(await Promise.all(answers.slice(5_000))).toEqual(Array.from({ length: 100 }, () => busy));
  await turn();
  under[0]?.answer();
  expect((await Promise.all(answers.slice(0, 5_000))).includes(busy as never)).toBe(false);
});
