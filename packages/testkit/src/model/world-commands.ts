/** Owns the commands by which time passes, the policy changes, and the sweep writes its notices. */
import { seconds, sweepDue } from '@sallyport/core';
import fc from 'fast-check';
import { ALICE, BOB, CAROL, DAN, DAVE, ORDERS_READ, ORDERS_WRITE } from '../builders.ts';
import { command, type ModelCommand } from './asking-commands.ts';
import { expectThat } from './expect-that.ts';
import type { House } from './house.ts';
import type { Model } from './model.ts';
import { asPolicy, type SmallPolicy, START } from './small-policy.ts';

export const advance: fc.Arbitrary<ModelCommand> = fc
  .constantFrom(...[2, 6, 6, 20, 20, 35, 35, 240, 240, 720, 2_700, 4_500].map(seconds))
  .map((length) => command(`Advance(${length / 1_000}s)`, async (_, house) => house.world.advance(length)));

export const sweep: fc.Arbitrary<ModelCommand> = fc.constant(
  command('Sweep()', async (m, house) => {
    const t0 = await house.now();
    await sweepDue(house.world.ledger);
    for (const r of m.requests) {
      if (r.swept || r.closed === 'denied' || r.closed === 'canceled' || r.grant?.revoked) continue;
      const end = r.grant?.ends ?? r.until;
      const seen = await house.world.ledger.find(r.id);
      const state = seen?.value.grant?.status.state ?? seen?.value.request.status.state;
      if (t0 >= end) expectThat(state === 'expired', 'I-10: what is due is closed');
      if (state !== 'expired') continue;
      expectThat((seen?.at.now ?? 0) >= end, 'I-10: nothing is closed before its time');
      r.swept = true;
      r.version += 1;
    }
  }),
);

async function put(m: Model, house: House, policy: SmallPolicy): Promise<void> {
  m.policy = policy;
  await house.put(asPolicy(policy));
}

const narrower: readonly (readonly [string, Partial<SmallPolicy>])[] = [
  ['no admin rule', { adminRule: false }],
  ['no read rule', { readRule: false }],
  ['read asks a dba', { readAuto: false }],
  ['admin 5m', { adminMinutesMax: 5 }],
  ['admin reads only', { adminScopes: [ORDERS_READ] }],
  ['orders-db off', { ordersEnabled: false }],
  ['ci off', { clientEnabled: false }],
  ['payments-deploy off', { deployEnabled: false }],
];

const wider: readonly (readonly [string, Partial<SmallPolicy>])[] = [
  ['admin 10h', { ...START, adminMinutesMax: 600 }],
  ['admin drops too', { ...START, adminScopes: [ORDERS_READ, ORDERS_WRITE, 'orders:xdrop' as typeof ORDERS_READ] }],
  ['billing gives 3', { ...START, billingUsesMax: 3 }],
];

export const reloadPolicy: fc.Arbitrary<ModelCommand> = fc
  .constantFrom(...narrower, ...wider)
  .map(([name, change]) => command(`ReloadPolicy(${name})`, (m, house) => put(m, house, { ...m.policy, ...change })));

/** Everything as at first: what was taken away comes back. */
export const restore: fc.Arbitrary<ModelCommand> = fc.constant(
  command('ReloadPolicy(as at first)', (m, house) => put(m, house, START)),
);

export const removePerson: fc.Arbitrary<ModelCommand> = fc
  .record({ id: fc.constantFrom(ALICE.id, BOB.id, CAROL.id, DAN.id), disable: fc.boolean() })
  .map(({ id, disable }) =>
    command(`RemovePerson(${id}${disable ? ', disabled' : ''})`, (m, house) => {
      const entry = m.policy.people[id];
      const gone = disable && entry !== undefined ? { ...entry, enabled: false } : undefined;
      return put(m, house, { ...m.policy, people: { ...m.policy.people, [id]: gone } });
    }),
  );

/** Somebody goes away, from now, from later, or not any more; at most three at a time. */
export const delegate: fc.Arbitrary<ModelCommand> = fc
  .record({
    from: fc.constantFrom(BOB.id, BOB.id, DAN.id, CAROL.id),
    to: fc.constantFrom(CAROL.id, DAN.id, DAVE.id, DAVE.id, ALICE.id, BOB.id),
    startsMs: fc.constantFrom(-60_000, -60_000, 30_000),
    lengthMs: fc.constantFrom(30_000, 240_000, 7_200_000),
  })
  .map(({ from, to, startsMs, lengthMs }) =>
    command(`Delegate(${from} to ${to}, ${startsMs / 1_000}s, for ${lengthMs / 1_000}s)`, async (m, house) => {
      const starts = (await house.now()) + startsMs;
      const one = { from, to, starts, ends: starts + lengthMs };
      if (from === to) return;
      await put(m, house, { ...m.policy, delegations: [...m.policy.delegations, one].slice(-3) });
    }),
  );

export const moveGroup: fc.Arbitrary<ModelCommand> = fc
  .record({
    id: fc.constantFrom(ALICE.id, BOB.id, CAROL.id, DAN.id, DAVE.id),
    groups: fc.constantFrom<readonly string[]>([], ['dba'], ['payments'], ['dba', 'payments']),
  })
  .map(({ id, groups }) =>
    command(
      `MoveGroup(${id}, ${groups.join('+') || 'none'})`,
      (m, house) => {
        const entry = m.policy.people[id];
        const moved = entry === undefined ? undefined : { ...entry, groups };
        return put(m, house, { ...m.policy, people: { ...m.policy.people, [id]: moved } });
      },
      (m) => m.policy.people[id] !== undefined,
    ),
  );
