/** The contract of `ledger.transact`: decided under the lock, written whole or not at all, every attempt leaves its row. */
import { expect, test } from '@jest/globals';
import {
  type AccessCase,
  decideRequest,
  freshSignIn,
  minutes,
  ok,
  type PersonId,
  requestStateAt,
  seconds,
  stepOf,
} from '@sallyport/core';
import { BOB, byline, CAROL, changed, DAN, DAVE, ORDERS_READ, withPerson, withRule } from '../builders.ts';
import { sha256Hashing } from '../fixed-clock.ts';
import { codeOf, crowdPolicy, type Kit, must } from './kit.ts';

export function transactContract(kit: Kit): void {
  test('I-14: each step raises the version by one, each event has one audit and one outbox row', async () => {
    const { request } = await kit.open();
    const first = must(await kit.click(request.id, { person: DAN.id }));
    const second = must(await kit.click(request.id, { person: BOB.id }));
    expect([first.case.version, second.case.version]).toEqual([2, 3]);
    expect([first.changed, second.changed]).toEqual([true, true]);
    const types = ['request.opened', 'decision.made', 'decision.made', 'request.approved', 'grant.started'];
    expect((await kit.trailOf(request.id)).map((row) => row.type)).toEqual(types);
    expect(await kit.outboxOf(request.id)).toEqual(types);
    expect((await kit.world().ledger.find(request.id))?.value).toEqual(second.case);
  });

  test('I-3: decisions come back with person, verdict, lines, reason, digest and order', async () => {
    const { request } = await kit.open();
    must(await kit.click(request.id, { person: DAN.id, reason: 'looks fine' }));
    const { case: c } = must(await kit.click(request.id, { person: BOB.id }));
    const read = await kit.world().ledger.find(request.id);
    expect(read?.value.decisions).toEqual(c.decisions);
    expect(read?.value.decisions.map((one) => [one.person, one.lines, one.reason])).toEqual([
      [DAN.id, [0], 'looks fine'],
      [BOB.id, [1], undefined],
    ]);
  });

  test('a fresh sign-in that confirms an approval is kept with it, to the millisecond, and in the trail', async () => {
    await kit.world().put(withRule(crowdPolicy(), 'payments-admin', { stepUp: true }));
    const { request } = await kit.open();
    expect(codeOf(await kit.click(request.id, { person: DAN.id }))).toBe('step_up_required');
    const authenticatedAt = (await kit.world().ledger.find(request.id))?.at.now ?? request.openedAt;
    const { id, revision, digest } = request;
    const signIn = freshSignIn({ person: DAN.id, request: id, revision, digest, authenticatedAt });
    must(await kit.click(request.id, { person: DAN.id, signIn }));
    const read = (await kit.world().ledger.find(request.id))?.value;
    expect(read?.decisions).toMatchObject([{ person: DAN.id, steppedUpAt: authenticatedAt }]);
    must(await kit.click(request.id, { person: DAN.id, verdict: 'deny', reason: 'second thoughts' }));
  });

  test('I-16: an approve that becomes a deny replaces the voice and closes the request', async () => {
    const { request } = await kit.open();
    must(await kit.click(request.id, { person: DAN.id }));
    must(await kit.click(request.id, { person: DAN.id, verdict: 'deny', reason: 'second thoughts' }));
    const read = (await kit.world().ledger.find(request.id))?.value;
    expect(read?.decisions).toHaveLength(1);
    expect(read?.request.status).toMatchObject({ state: 'denied', by: DAN.id, reason: 'second thoughts' });
    expect(read?.grant).toBeUndefined();
  });

  test('I-4: a narrowing writes the new revision and keeps the void decisions', async () => {
    const { request } = await kit.open();
    must(await kit.click(request.id, { person: CAROL.id }));
    must(await kit.click(request.id, { person: DAN.id, narrow: { scopes: [ORDERS_READ], duration: minutes(10) } }));
    const read = (await kit.world().ledger.find(request.id))?.value;
    expect(read?.request).toMatchObject({ revision: 2, duration: minutes(10), access: { scopes: [ORDERS_READ] } });
    expect(read?.decisions.map((one) => one.revision)).toEqual([1, 2]);
    expect(codeOf(await kit.click(request.id, { person: BOB.id, revision: 1 }))).toBe('stale_revision');
    const { case: c } = must(await kit.click(request.id, { person: BOB.id, revision: 2 }));
    expect(c.grant).toMatchObject({ access: { scopes: [ORDERS_READ] }, digest: read?.request.digest });
    expect((await kit.world().ledger.find(request.id))?.value).toEqual(c);
  });

  test('a refusal leaves the case alone and one audit row of the attempt', async () => {
    const { request } = await kit.open();
    const before = await kit.world().ledger.find(request.id);
    expect(codeOf(await kit.click(request.id, { person: DAVE.id }))).toBe('not_an_approver');
    expect((await kit.world().ledger.find(request.id))?.value).toEqual(before?.value);
    expect(await kit.trailOf(request.id)).toMatchObject([
      { type: 'request.opened' },
      { type: 'attempt.refused', reasonCode: 'not_an_approver' },
    ]);
    expect(await kit.outboxOf(request.id)).toEqual(['request.opened']);
  });

  test('I-11: the same verdict again is told, and writes nothing at all', async () => {
    const { request } = await kit.open();
    must(await kit.click(request.id, { person: DAN.id }));
    const rows = (await kit.world().audit()).length;
    expect(codeOf(await kit.click(request.id, { person: DAN.id }))).toBe('already_decided');
    expect((await kit.world().audit()).length).toBe(rows);
  });

  test('an unchanged outcome writes nothing and says so', async () => {
    const seen = await kit.live();
    const { id } = seen.value.request;
    must(await kit.revoke(id));
    const rows = (await kit.world().audit()).length;
    const again = must(await kit.revoke(id));
    expect(again.changed).toBe(false);
    expect(again.case.grant?.status.state).toBe('revoked');
    expect((await kit.world().audit()).length).toBe(rows);
  });

  test('an unknown request is refused, and the attempt audited', async () => {
    const before = (await kit.world().audit()).length;
    expect(codeOf(await kit.click(kit.chance.requestId(), { person: DAN.id }))).toBe('request_unknown');
    expect((await kit.world().audit()).slice(before)).toMatchObject([
      { type: 'attempt.refused', reasonCode: 'request_unknown' },
    ]);
  });

  test('I-11: a delivery works once, also when it comes twice at once', async () => {
    const { request } = await kit.open();
    const once = { scope: 'slack.action', key: `k-${request.id}`, bodyHash: 'a'.repeat(64) };
    const both = await Promise.all([
      kit.click(request.id, { person: DAN.id }, once),
      kit.click(request.id, { person: DAN.id }, once),
    ]);
    expect(both.map(codeOf).sort()).toEqual(['ok', 'replayed']);
    expect(codeOf(await kit.click(request.id, { person: DAN.id, verdict: 'deny' }, once))).toBe('replayed');
    const read = (await kit.world().ledger.find(request.id))?.value;
    expect([read?.version, read?.request.status.state]).toEqual([2, 'pending']);
  });

  test('I-16: five approvers at once all count, one closes it, none is lost', async () => {
    const extra = ['x1', 'x2', 'x3'].map((id) => `contract-${id}` as PersonId);
    const lines = [{ count: 5, from: [DAN.id, CAROL.id, ...extra].map((id) => ({ kind: 'person' as const, id })) }];
    const people = [
      ...kit.policy.people,
      ...extra.map((id) => ({ id, name: id, groups: [], enabled: true }) as (typeof kit.policy.people)[number]),
    ];
    await kit.world().put(changed(kit.policy, { people }));
    for (let round = 0; round < 5; round++) {
      const { request } = await kit.open({ lines });
      const clicks = await Promise.all([DAN.id, CAROL.id, ...extra].map((id) => kit.click(request.id, { person: id })));
      expect(clicks.map(codeOf)).toEqual(Array.from({ length: 5 }, () => 'ok'));
      const read = (await kit.world().ledger.find(request.id))?.value;
      expect([read?.version, read?.request.status.state, read?.decisions.length]).toEqual([6, 'approved', 5]);
    }
  });

  test('I-5: approve, deny and cancel at once end in one final state, with one audit record of it', async () => {
    for (let round = 0; round < 10; round++) {
      const { request } = await kit.open();
      must(await kit.click(request.id, { person: DAN.id }));
      const cancel = (c: AccessCase, at: Parameters<typeof decideRequest>[2]) =>
        decideRequest(c, { kind: 'cancel', by: request.requester }, at, sha256Hashing.digestOf);
      const results = await Promise.all([
        kit.click(request.id, { person: BOB.id }),
        kit.click(request.id, { person: CAROL.id, verdict: 'deny' }),
        kit.world().ledger.transact(request.id, cancel, byline()),
      ]);
      expect(results.filter((one) => one.ok)).toHaveLength(1);
      expect(results.filter((one) => !one.ok).map(codeOf)).toEqual(['request_closed', 'request_closed']);
      const finals = (await kit.trailOf(request.id)).filter((row) =>
        /request\.(approved|denied|canceled)/.test(row.type),
      );
      expect(finals).toHaveLength(1);
    }
  });

  test('I-18: the next decision is judged by the policy put in force, not by one read before', async () => {
    const { request } = await kit.open();
    await kit.world().put(withPerson(kit.policy, DAN.id, undefined));
    expect(codeOf(await kit.click(request.id, { person: DAN.id }))).toBe('identity_rejected');
    await kit.world().put(kit.policy);
    expect(codeOf(await kit.click(request.id, { person: DAN.id }))).toBe('ok');
  });

  test('I-10: nothing is decidable after the pending time, without any sweep', async () => {
    const { now } = await kit.now();
    const { request } = await kit.open({ expiresAt: (now + minutes(5)) as typeof now });
    await kit.world().advance(minutes(6));
    expect(codeOf(await kit.click(request.id, { person: DAN.id }))).toBe('request_closed');
    const seen = await kit.world().ledger.find(request.id);
    expect(seen?.value.request.status.state).toBe('pending');
    expect(seen === undefined ? undefined : requestStateAt(seen.value.request, seen.at.now)).toBe('expired');
  });

  test('the moment handed to decide is the store’s clock, and never goes back', async () => {
    const { request } = await kit.open();
    const times: number[] = [];
    const peek = () =>
      kit.world().ledger.transact(
        request.id,
        (_, at) => {
          times.push(at.now);
          return ok('unchanged');
        },
        byline(),
      );
    await peek();
    await kit.world().advance(seconds(60));
    await peek();
    const [first = 0, second = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(60_000);
  });

  test('a broken step is a fault: state, audit and outbox stay as they were', async () => {
    const { request } = await kit.open();
    const broken = kit.world().ledger.transact(
      request.id,
      (c, at) => {
        const step = stepOf(c, [{ type: 'request.canceled', at: at.now, by: request.requester }]);
        return ok({ ...step, next: { ...step.next, version: step.next.version + 1 } });
      },
      byline(),
    );
    await expect(broken).rejects.toThrow(/I-14/);
    expect((await kit.world().ledger.find(request.id))?.value).toMatchObject({ version: 1 });
    expect((await kit.trailOf(request.id)).map((row) => row.type)).toEqual(['request.opened']);
    expect(await kit.outboxOf(request.id)).toEqual(['request.opened']);
  });

  test('a decide that throws leaves nothing, and the next one works', async () => {
    const { request } = await kit.open();
    const thrown = kit.world().ledger.transact(
      request.id,
      () => {
        throw new Error('a bug in decide');
      },
      byline(),
    );
    await expect(thrown).rejects.toThrow('a bug in decide');
    expect(codeOf(await kit.click(request.id, { person: DAN.id }))).toBe('ok');
  });

  test('I-9: a revoked token reads revoked, its siblings do not, and it is a step of its case', async () => {
    const seen = await kit.live();
    const { issuances, ledger } = kit.world();
    const [one, two] = [kit.issuance(seen), kit.issuance(seen)];
    await issuances.record(one);
    await issuances.record(two);
    const by = { kind: 'client', id: 'ci' } as const;
    const written = must(
      await ledger.transact(
        seen.value.request.id,
        (c, { now }) => ok(stepOf(c, [{ type: 'token.revoked', at: now, jti: one.token.jti, by }])),
        byline({ door: 'oauth' }),
      ),
    );
    expect(written.case.version).toBe(seen.value.version + 1);
    expect((await issuances.find(one.token.jti))?.value.revoked).toBe(true);
    expect((await issuances.find(two.token.jti))?.value.revoked).toBe(false);
  });

  test('I-9: revoking one token twice at once is no fault, and it stays revoked', async () => {
    const seen = await kit.live();
    const { issuances, ledger } = kit.world();
    const one = kit.issuance(seen);
    await issuances.record(one);
    const revoke = () =>
      ledger.transact(
        seen.value.request.id,
        (c, { now }) =>
          ok(stepOf(c, [{ type: 'token.revoked', at: now, jti: one.token.jti, by: { kind: 'client', id: 'ci' } }])),
        byline({ door: 'oauth' }),
      );
    expect((await Promise.all([revoke(), revoke()])).map(codeOf)).toEqual(['ok', 'ok']);
    expect((await issuances.find(one.token.jti))?.value.revoked).toBe(true);
  });

  test('I-14: the trail tells the story in order, refused attempts included', async () => {
    const { request } = await kit.open();
    await kit.click(request.id, { person: DAVE.id });
    must(await kit.click(request.id, { person: DAN.id }));
    must(await kit.click(request.id, { person: BOB.id }));
    must(await kit.revoke(request.id));
    const trail = await kit.world().ledger.trail(request.id);
    expect(trail.map((row) => row.type)).toEqual([
      'request.opened',
      'attempt.refused',
      'decision.made',
      'decision.made',
      'request.approved',
      'grant.started',
      'grant.revoked',
    ]);
    expect(trail.filter((row) => row.type === 'decision.made').map((row) => [row.actor, row.verdict])).toEqual([
      ['person:dan@acme.test', 'approve'],
      ['person:bob@acme.test', 'approve'],
    ]);
    expect(trail[1]?.reasonCode).toBe('not_an_approver');
    expect(trail.map((row) => row.at)).toEqual(trail.map((row) => row.at).sort((a, b) => a - b));
  });
}
