/** Properties of what happens at once: whatever order a scheduler chooses, no token comes after its end. */
import { expect, test } from '@jest/globals';
import { ALICE, byline, codeOf, outcomeOf, type Story, story } from '@sallyport/testkit/core';
import fc from 'fast-check';

const oauth = byline({ door: 'oauth' });

/** Runs at once, in the order the scheduler chooses at every step into a store. */
async function together<T>(scheduler: fc.Scheduler, ...all: readonly Promise<T>[]): Promise<readonly T[]> {
  const done = Promise.all(all);
  await scheduler.waitIdle();
  return done;
}

const scheduled = (scheduler: fc.Scheduler): Story =>
  story({ turn: (label) => scheduler.schedule(Promise.resolve(), label) });

const after = (rows: readonly string[], type: string): readonly string[] =>
  rows.includes(type) ? rows.slice(rows.indexOf(type)) : [];

test('I-9: exchanges and polls against a revoke of the grant: no token after it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const house = scheduled(scheduler);
      const [code = ''] = await together(scheduler, house.defers());
      const [stored] = [...house.memory.store.cases.values()];
      const id = stored?.case.request.id;
      if (id === undefined) throw new Error('nothing was asked');
      await together(scheduler, house.approves(id));
      const said = await together<string>(
        scheduler,
        house.exchanges({ jti: 'a' }).then(outcomeOf),
        house.polls(code).then(outcomeOf),
        house.revokeGrant({ request: id }, ALICE, byline()).then(codeOf),
        house.exchanges({ jti: 'b' }).then(outcomeOf),
      );
      expect(said[2]).toBe('ok');
      expect(after(house.trail(), 'grant.revoked')).not.toContain('token.issued');
      expect(said.filter((one) => one === 'issued')).toHaveLength(house.memory.store.tokens.size);
    }),
    { numRuns: 150 },
  );
});

test('I-9: a poll against the revoke of its handle: no token after it, whoever made the request', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, joined) => {
      const house = scheduled(scheduler);
      if (joined) await together(scheduler, house.asks());
      const [code = ''] = await together(scheduler, house.defers());
      const [stored] = [...house.memory.store.cases.values()];
      const id = stored?.case.request.id;
      if (id === undefined) throw new Error('nothing was asked');
      await together(scheduler, house.approves(id));
      await together<string>(
        scheduler,
        house.polls(code).then(outcomeOf),
        house.revokeToken(house.ci, code, oauth).then(codeOf),
      );
      expect(after(house.trail(), 'handle.revoked')).not.toContain('token.issued');
    }),
    { numRuns: 150 },
  );
});

test('I-6: one subject token in several exchanges and polls at once: one token', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const house = scheduled(scheduler);
      const [code = ''] = await together(scheduler, house.defers());
      const [stored] = [...house.memory.store.cases.values()];
      if (stored === undefined) throw new Error('nothing was asked');
      await together(scheduler, house.approves(stored.case.request.id));
      await together(scheduler, house.exchanges(), house.exchanges(), house.polls(code), house.polls(code));
      expect(house.memory.store.tokens.size).toBe(1);
    }),
    { numRuns: 150 },
  );
});

test('P17: approve, deny, cancel and the sweep at once: one final state, and a token only if approved', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const house = scheduled(scheduler);
      const [code = ''] = await together(scheduler, house.defers());
      const [stored] = [...house.memory.store.cases.values()];
      const request = stored?.case.request;
      if (request === undefined) throw new Error('nothing was asked');
      const dan = { kind: 'person', id: 'dan@acme.test' } as const;
      await together<unknown>(
        scheduler,
        house.approves(request.id).catch(() => undefined),
        house.clicks(request.id, dan as never, { verdict: 'deny' }),
        house.cancel(request.id, request.requester, byline()),
        house.polls(code),
      );
      const finals = house.trail().filter((row) => /^request\.(approved|denied|canceled)$/.test(row));
      expect(finals).toHaveLength(1);
      if (finals[0] !== 'request.approved') expect(house.memory.store.tokens.size).toBe(0);
    }),
    { numRuns: 150 },
  );
});
