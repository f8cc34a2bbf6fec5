/** DS-5: strangers cannot fill the trail: one row a minute and source; everybody else's attempts are all kept. */
import { describe, expect, test } from '@jest/globals';
import type { Ledger, RefusedAttempt } from '@sallyport/core';
import { memoryWorld } from '@sallyport/testkit/core';
import { sampledNotes } from './sampled-notes.ts';

const attempt = (
  change: Partial<RefusedAttempt['by']> = {},
  code: 'client_rejected' | 'own_request' = 'client_rejected',
) =>
  ({
    refusal: code === 'client_rejected' ? { code, usedBasic: false } : { code },
    by: { door: 'oauth', traceId: 't', address: '192.0.2.1', ...change },
    attempted: 'exchange',
  }) satisfies RefusedAttempt;

function sampled() {
  const { ledger, store } = memoryWorld();
  let nowMs = 0;
  const notes: Ledger = sampledNotes(ledger, () => nowMs);
  return {
    note: (one: RefusedAttempt) => notes.note(one),
    pass: (ms: number) => {
      nowMs += ms;
    },
    rows: () => store.audit.length,
  };
}

describe('sampledNotes', () => {
  test('one row a minute and source of what nobody was authenticated for', async () => {
    const { note, pass, rows } = sampled();
    for (let tries = 0; tries < 5; tries++) await note(attempt());
    expect(rows()).toBe(1);
    pass(59_999);
    await note(attempt());
    expect(rows()).toBe(1);
    pass(1);
    await note(attempt());
    expect(rows()).toBe(2);
  });

  test('another address, client or code is another source', async () => {
    const { note, rows } = sampled();
    await note(attempt());
    await note(attempt({ address: '192.0.2.2' }));
    await note(attempt({ clientId: 'ci' }));
    await note({ ...attempt(), refusal: { code: 'handle_unknown' } });
    expect(rows()).toBe(4);
  });

  test('attempts of somebody known are all kept', async () => {
    const { note, rows } = sampled();
    for (let tries = 0; tries < 5; tries++) await note(attempt({}, 'own_request'));
    expect(rows()).toBe(5);
  });

  test('however many sources there are, memory is bounded, and the oldest is the one forgotten', async () => {
    const { note, rows } = sampled();
    for (let source = 0; source <= 10_000; source++) await note(attempt({ address: `10.${source}` }));
    const before = rows();
    await note(attempt({ address: '10.10000' }));
    expect(rows()).toBe(before);
    await note(attempt({ address: '10.0' }));
    expect(rows()).toBe(before + 1);
  });
});
