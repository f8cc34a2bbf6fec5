/** The contract of `ledger.sweep`: closes what is due, only that, in bounded batches, each with its events. */
import { expect, test } from '@jest/globals';
import { type Instant, minutes, type RequestId, seconds } from '@sallyport/core';
import { DAN } from '../builders.ts';
import { codeOf, type Kit } from './kit.ts';

export function sweepContract(kit: Kit): void {
  const ends = async (inMinutes: number): Promise<Instant> => ((await kit.now()).now + minutes(inMinutes)) as Instant;
  const state = async (id: RequestId) => (await kit.world().ledger.find(id))?.value;
  /** What earlier tests left due. */
  const drain = async (): Promise<void> => {
    while ((await kit.world().ledger.sweep(1_000)).closed > 0);
  };

  test('I-10: a pending request past its time becomes expired, with its event; one in time stays', async () => {
    await drain();
    const due = await kit.open({ expiresAt: await ends(5) });
    const early = await kit.open({ expiresAt: await ends(30) });
    await kit.world().advance(minutes(6));
    const swept = await kit.world().ledger.sweep(1_000);
    expect(swept.closed).toBe(1);
    expect(swept.latenessMs).toBeGreaterThanOrEqual(50_000);
    expect(swept.latenessMs).toBeLessThan(120_000);
    expect((await state(due.request.id))?.request.status.state).toBe('expired');
    expect((await state(early.request.id))?.request.status.state).toBe('pending');
    expect((await kit.trailOf(due.request.id)).map((row) => row.type)).toEqual(['request.opened', 'request.expired']);
    expect(await kit.outboxOf(due.request.id)).toEqual(['request.opened', 'request.expired']);
    expect((await state(due.request.id))?.version).toBe(2);
  });

  test('I-5: a grant past its end becomes expired, and a second sweep finds nothing', async () => {
    await drain();
    const seen = await kit.live({ duration: minutes(5) });
    await kit.world().advance(minutes(6));
    expect((await kit.world().ledger.sweep(1_000)).closed).toBe(1);
    const after = await state(seen.value.request.id);
    expect(after?.grant?.status.state).toBe('expired');
    expect(after?.request.status.state).toBe('approved');
    expect(after?.version).toBe(seen.value.version + 1);
    expect(await kit.world().ledger.sweep(1_000)).toEqual({ closed: 0, latenessMs: 0 });
  });

  test('I-10: the limit bounds one batch, and the next batches finish', async () => {
    await drain();
    const end = await ends(5);
    const opened = [];
    for (let count = 0; count < 5; count++) opened.push(await kit.open({ expiresAt: end }));
    await kit.world().advance(minutes(6));
    const closed = [];
    for (let batch = 0; batch < 4; batch++) closed.push((await kit.world().ledger.sweep(2)).closed);
    expect(closed).toEqual([2, 2, 1, 0]);
    for (const c of opened) expect((await state(c.request.id))?.request.status.state).toBe('expired');
  });

  test('I-5: two sweeps at once close each case once', async () => {
    await drain();
    const end = await ends(5);
    const opened = [];
    for (let count = 0; count < 6; count++) opened.push(await kit.open({ expiresAt: end }));
    await kit.world().advance(minutes(6));
    const both = await Promise.all([kit.world().ledger.sweep(1_000), kit.world().ledger.sweep(1_000)]);
    await drain();
    expect(both.reduce((sum, one) => sum + one.closed, 0)).toBeLessThanOrEqual(6);
    for (const c of opened) {
      expect((await kit.trailOf(c.request.id)).filter((row) => row.type === 'request.expired')).toHaveLength(1);
    }
  });

  test('I-5: what the sweep closed stays closed to everybody', async () => {
    await drain();
    const c = await kit.open({ expiresAt: await ends(5) });
    await kit.world().advance(minutes(6));
    await kit.world().ledger.sweep(1_000);
    expect(codeOf(await kit.click(c.request.id, { person: DAN.id }))).toBe('request_closed');
  });

  test('a grant that begins later, and one revoked early, are not due', async () => {
    await drain();
    const begins = ((Math.floor((await kit.now()).now / 1_000) + 3_600) * 1_000) as Instant;
    const later = await kit.live({ notBefore: begins, duration: minutes(5) });
    const revoked = await kit.live({ duration: minutes(5) });
    await kit.revoke(revoked.value.request.id);
    await kit.world().advance(seconds(600));
    await kit.world().ledger.sweep(1_000);
    expect((await state(later.value.request.id))?.grant?.status.state).toBe('active');
    expect((await state(revoked.value.request.id))?.grant?.status.state).toBe('revoked');
  });
}
