/** The contract of `ledger.open`: one request per ask, joins under the lock, submission keys, all or nothing. */
import { expect, test } from '@jest/globals';
import {
  type AccessCase,
  type Crowd,
  err,
  hours,
  minutes,
  type Opening,
  ok,
  type Refusal,
  type Result,
  seconds,
  startGrant,
  stepOf,
} from '@sallyport/core';
import { anOpening, BILLING, byline, DAN, ORDERS, withPerson } from '../builders.ts';
import { codeOf, type Kit, must, opening } from './kit.ts';

export function openContract(kit: Kit): void {
  const once = (key: string, bodyHash = 'a'.repeat(64)) => ({ scope: 'rest:contract', key, bodyHash });

  test('I-14: a new request is version 1 and leaves one audit and one outbox row per event', async () => {
    const c = await kit.open();
    const seen = await kit.world().ledger.find(c.request.id);
    expect(seen?.value).toEqual(c);
    expect(c.version).toBe(1);
    expect((await kit.trailOf(c.request.id)).map((row) => row.type)).toEqual(['request.opened']);
    expect(await kit.outboxOf(c.request.id)).toEqual(['request.opened']);
  });

  test('I-17: an auto-approved opening is one version, three events and a grant found by its id', async () => {
    const subject = kit.member();
    const { ledger } = kit.world();
    const written = must(
      await ledger.open(
        { subject, resource: ORDERS },
        (_, at) => {
          const pending = opening(subject, at, { effect: 'auto_approve', lines: [] }).next;
          return ok({ kind: 'new', step: approvedAtOnce(kit, pending) });
        },
        byline({ principal: subject }),
      ),
    );
    expect(written).toMatchObject({ changed: true, case: { version: 1, request: { status: { state: 'approved' } } } });
    const grant = written.case.grant;
    const found = grant === undefined ? undefined : await ledger.findByGrant(grant.id);
    expect(found?.value).toEqual(written.case);
    const types = ['request.opened', 'request.approved', 'grant.started'];
    expect((await kit.trailOf(written.case.request.id)).map((row) => row.type)).toEqual(types);
    expect(await kit.outboxOf(written.case.request.id)).toEqual(types);
  });

  test('I-14: every member of a request comes back as it was written', async () => {
    const subject = kit.member();
    const { now } = await kit.now();
    const c = await kit.open({
      subject,
      requester: subject,
      justification: 'naïve 🙂 "quotes" \\ back\nline',
      ticket: 'OPS-1',
      notBefore: (Math.floor(now / 1_000) * 1_000 + hours(2)) as typeof now,
      clientId: 'ci' as NonNullable<AccessCase['request']['clientId']>,
      door: 'oauth',
    });
    expect((await kit.world().ledger.find(c.request.id))?.value).toEqual(c);
  });

  test('P4: decide sees the subject’s open cases on the resource, and only those', async () => {
    const subject = kit.member();
    const pending = await kit.open({ subject });
    const active = await kit.live({ subject });
    const ended = await kit.live({ subject });
    must(await kit.revoke(ended.value.request.id));
    const denied = await kit.open({ subject });
    must(await kit.click(denied.request.id, { person: DAN.id, verdict: 'deny' }));
    await kit.open({ subject, access: { ...pending.request.access, resource: BILLING } });
    await kit.open();
    const ids: string[] = [];
    const result = await kit.world().ledger.open(
      { subject, resource: ORDERS },
      (seen) => {
        ids.splice(0, ids.length, ...seen.map((c) => c.request.id));
        return err({ code: 'approval_required' });
      },
      byline(),
    );
    expect(codeOf(result)).toBe('approval_required');
    expect(ids.sort()).toEqual([pending.request.id, active.value.request.id].sort());
  });

  test('MR-6: an opening sees how much its requester has asked of people: pending ones, and those of the last minutes', async () => {
    const requester = kit.member();
    const crowd = async (): Promise<Crowd | undefined> => {
      let seen: Crowd | undefined;
      const key = { subject: kit.member(), resource: ORDERS, requester };
      await kit.world().ledger.open(
        key,
        (_cases, _at, counted) => {
          seen = counted;
          return err({ code: 'approval_required' });
        },
        byline(),
      );
      return seen;
    };
    expect(await crowd()).toEqual({ pending: 0, recent: 0 });
    const first = await kit.open({ requester });
    await kit.open({ requester, effect: 'auto_approve', lines: [] });
    await kit.open();
    must(await kit.click(first.request.id, { person: DAN.id, verdict: 'deny' }));
    await kit.open({ requester });
    expect(await crowd()).toEqual({ pending: 1, recent: 2 });
    expect(await kit.world().ledger.crowdOf(requester)).toEqual({ pending: 1, recent: 2 });
    await kit.world().advance(minutes(11));
    expect(await crowd()).toEqual({ pending: 1, recent: 0 });
    await kit.world().advance(hours(5));
    expect(await crowd()).toEqual({ pending: 0, recent: 0 });
  });

  test('P4: many equal asks at once join one request', async () => {
    const subject = kit.member();
    const ask = () =>
      kit.world().ledger.open(
        { subject, resource: ORDERS },
        (seen, at): Result<Opening, Refusal> => {
          const [there] = seen;
          return ok(there === undefined ? { kind: 'new', step: opening(subject, at) } : { kind: 'join', to: there });
        },
        byline({ principal: subject }),
      );
    const written = (await Promise.all(Array.from({ length: 8 }, ask))).map(must);
    expect(new Set(written.map((one) => one.case.request.id)).size).toBe(1);
    expect(written.filter((one) => one.changed)).toHaveLength(1);
    const [first] = written;
    expect(await kit.outboxOf((first as (typeof written)[number]).case.request.id)).toEqual(['request.opened']);
  });

  test('I-12: the same key and body is the same request, also when both come at once', async () => {
    const subject = kit.member();
    const key = once('same');
    const [a, b] = await Promise.all([kit.open({ subject }, key), kit.open({ subject }, key)]);
    const c = await kit.open({ subject }, key);
    expect(b?.request.id).toBe(a?.request.id);
    expect(c.request.id).toBe(a?.request.id);
    const ids = (await kit.world().ledger.mine([subject], { limit: 10 })).value.items;
    expect(ids).toHaveLength(1);
  });

  test('I-12: a repeat answers the request as it now is, and says that nothing changed', async () => {
    const subject = kit.member();
    const first = await kit.open({ subject }, once('later'));
    must(await kit.click(first.request.id, { person: DAN.id }));
    const again = must(
      await kit
        .world()
        .ledger.open(
          { subject, resource: ORDERS },
          (_, at) => ok({ kind: 'new', step: opening(subject, at) }),
          byline(),
          once('later'),
        ),
    );
    expect(again.changed).toBe(false);
    expect(again.case.version).toBe(2);
    expect(again.case.decisions).toHaveLength(1);
  });

  test('I-12: the same key with another body is refused, and opens nothing', async () => {
    const subject = kit.member();
    await kit.open({ subject }, once('reused'));
    const second = await kit
      .world()
      .ledger.open(
        { subject, resource: ORDERS },
        (_, at) => ok({ kind: 'new', step: opening(subject, at) }),
        byline(),
        once('reused', 'b'.repeat(64)),
      );
    expect(codeOf(second)).toBe('key_reused');
    expect((await kit.world().ledger.mine([subject], { limit: 10 })).value.items).toHaveLength(1);
  });

  test('I-12: keys of different scopes do not meet', async () => {
    const a = await kit.open({}, { scope: 'rest:a', key: 'k', bodyHash: 'a'.repeat(64) });
    const b = await kit.open({}, { scope: 'rest:b', key: 'k', bodyHash: 'b'.repeat(64) });
    expect(a.request.id).not.toBe(b.request.id);
  });

  test('I-12: a refused ask does not use its key up', async () => {
    const subject = kit.member();
    const key = once('refused-first');
    const refused = await kit
      .world()
      .ledger.open({ subject, resource: ORDERS }, () => err({ code: 'policy_forbids', because: NO }), byline(), key);
    expect(codeOf(refused)).toBe('policy_forbids');
    expect((await kit.open({ subject }, key)).request.status.state).toBe('pending');
  });

  test('a refused ask leaves one audit row of the attempt, and nothing else', async () => {
    const subject = kit.member();
    const before = await kit.world().audit();
    const sent = (await kit.world().outbox()).length;
    await kit
      .world()
      .ledger.open({ subject, resource: ORDERS }, () => err({ code: 'policy_forbids', because: NO }), byline());
    const rows = (await kit.world().audit()).slice(before.length);
    expect(rows).toMatchObject([{ type: 'attempt.refused', reasonCode: 'policy_forbids' }]);
    expect((await kit.world().outbox()).length).toBe(sent);
    expect((await kit.world().ledger.mine([subject], { limit: 10 })).value.items).toEqual([]);
  });

  test('I-18: decide judges by the policy in force and by the store’s clock', async () => {
    const subject = kit.member();
    const without = withPerson(kit.policy, subject.id, undefined);
    const first = await kit.now();
    await kit.world().put(without);
    await kit.world().advance(seconds(90));
    let version: string | undefined;
    let waited = 0;
    await kit.world().ledger.open(
      { subject, resource: ORDERS },
      (_, at) => {
        version = at.policy.version;
        waited = at.now - first.now;
        return err({ code: 'target_unknown' });
      },
      byline(),
    );
    expect(version).toBe(without.version);
    expect(waited).toBeGreaterThanOrEqual(90_000);
  });

  test('a step that breaks an invariant is a fault: nothing of it is written', async () => {
    const subject = kit.member();
    const step = anOpening({ subject, requester: subject });
    const broken = { ...step, next: { ...step.next, version: 7 } };
    const { ledger } = kit.world();
    await expect(
      ledger.open({ subject, resource: ORDERS }, () => ok({ kind: 'new', step: broken }), byline()),
    ).rejects.toThrow(/I-14/);
    expect(await ledger.find(step.next.request.id)).toBeUndefined();
    expect(await kit.trailOf(step.next.request.id)).toEqual([]);
  });
}

/** The opening of a request that a rule approves by itself. */
function approvedAtOnce(kit: Kit, { request }: AccessCase) {
  const at = request.openedAt;
  const grant = startGrant(kit.chance.grantId(), request, { maxDuration: request.duration }, at);
  return stepOf(undefined, [
    { type: 'request.opened', at, request },
    { type: 'request.approved', at },
    { type: 'grant.started', at, grant },
  ]);
}

const NO = { check: 'a_rule_matches', met: false, parts: [] } as const;
