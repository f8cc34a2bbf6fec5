/** Properties of the state machine: whatever people, time and the sweep do, in whatever order. */
import { describe, expect, test } from '@jest/globals';
import {
  endOfPlay,
  foldEvents,
  move,
  moves,
  openCases,
  PERSON_IDS,
  play,
  policies,
  seededChance,
  sha256Hashing,
} from '@sallyport/testkit/core';
import fc from 'fast-check';
import { coversScopes } from './access.ts';
import { type AccessCase, decisionsInForce } from './case.ts';
import { type Decide, decideRequest } from './decide-request.ts';
import { isLive } from './grant.ts';
import { after, duration, hours, minutes } from './instant.ts';
import type { Policy, Reference } from './policy.ts';
import type { PersonId } from './principal.ts';
import { closingOf } from './request.ts';

const chance = seededChance('props');
const RUNS = { numRuns: 400 };
const approval = (id: PersonId, change: Partial<Decide> = {}): Decide => ({
  kind: 'decide',
  id: chance.decisionId(),
  grantId: chance.grantId(),
  person: id,
  verdict: 'approve',
  revision: 1,
  ...change,
});

/** Who fits a reference, written anew and naively: the check must not lean on what it checks. */
function fits(policy: Policy, { request }: AccessCase, reference: Reference, id: PersonId): boolean {
  const entry = policy.people.find((one) => one.id === id && one.enabled);
  if (entry === undefined) return false;
  if (reference.kind === 'anyone') return true;
  if (reference.kind === 'person') return reference.id === id;
  if (reference.kind === 'group') return entry.groups.includes(reference.name);
  if (reference.kind !== 'manager') return false;
  const asked = request.subject.kind === 'person' ? request.subject : request.requester;
  const owner = (refs: readonly Reference[], who: PersonId): boolean =>
    refs.some((one) => fits(policy, { request } as AccessCase, one, who));
  const reports =
    asked.kind === 'person'
      ? policy.people.filter((one) => one.enabled && one.id === asked.id)
      : policy.people.filter((one) =>
          policy.workloads.some((w) => w.id === asked.id && w.enabled && owner(w.owners, one.id)),
        );
  return reports.some((one) => one.manager === id);
}

/** Whether distinct people can take all places, by trying every one for every place. */
function canBeSeated(
  places: readonly (readonly Reference[])[],
  people: readonly PersonId[],
  policy: Policy,
  c: AccessCase,
): boolean {
  const [place, ...others] = places;
  if (place === undefined) return true;
  return people.some(
    (id) =>
      place.some((reference) => fits(policy, c, reference, id)) &&
      canBeSeated(
        others,
        people.filter((one) => one !== id),
        policy,
        c,
      ),
  );
}

describe('grants', () => {
  test('I-3: a grant only by distinct, eligible people, none of them the requester or the subject', () => {
    let grants = 0;
    fc.assert(
      fc.property(openCases(), moves, ({ policy, opened }, all) => {
        const c = endOfPlay(opened, play(opened, policy, all));
        if (c.grant === undefined) return;
        grants += 1;
        const approvers = decisionsInForce(c).flatMap((one) => (one.verdict === 'approve' ? [one.person] : []));
        for (const own of [c.request.subject, c.request.requester]) expect(approvers).not.toContain(own.id);
        const places = c.request.lines.flatMap((line) => Array.from({ length: line.count }, () => line.from));
        expect(places.length).toBeGreaterThan(0);
        expect(canBeSeated(places, approvers, policy, c)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
    expect(grants).toBeGreaterThan(50);
  });

  test('I-6: exactly one grant, if and only if approved', () => {
    fc.assert(
      fc.property(openCases(), moves, ({ policy, opened }, all) => {
        const played = play(opened, policy, all);
        const started = played.flatMap(({ result }) =>
          result.ok && result.value !== 'unchanged'
            ? result.value.events.filter((event) => event.type === 'grant.started')
            : [],
        );
        const approved = endOfPlay(opened, played).request.status.state === 'approved';
        expect(started).toHaveLength(approved ? 1 : 0);
      }),
      RUNS,
    );
  });

  test('I-2: a grant begins no earlier than approved or asked, and lasts at most what its revision asked', () => {
    fc.assert(
      fc.property(openCases(), moves, ({ policy, opened }, all) => {
        const { grant, request } = endOfPlay(opened, play(opened, policy, all));
        if (grant === undefined || request.status.state !== 'approved') return;
        expect(grant.notBefore).toBeGreaterThan(request.status.at - 1_000);
        expect(grant.notBefore).toBeGreaterThanOrEqual(request.notBefore ?? 0);
        expect(grant.expiresAt - grant.notBefore).toBeLessThanOrEqual(request.duration);
      }),
      RUNS,
    );
  });

  test('I-5: a grant once not live is never live again', () => {
    fc.assert(
      fc.property(openCases(), moves, ({ policy, opened }, all) => {
        let ended = false;
        for (const { after: c, at } of play(opened, policy, all)) {
          if (c.grant === undefined || at.now < c.grant.notBefore) continue;
          const live = isLive(c.grant, at.now);
          expect(live && ended).toBe(false);
          ended = !live;
        }
      }),
      RUNS,
    );
  });
});

describe('closing', () => {
  test('I-5: a closed request refuses every command and emits nothing', () => {
    fc.assert(
      fc.property(openCases(), moves, moves, ({ policy, opened }, first, then) => {
        const played = play(opened, policy, first);
        const c = endOfPlay(opened, played);
        const now = played.at(-1)?.at.now ?? opened.request.openedAt;
        if (closingOf(c.request, now) === undefined) return;
        for (const one of then) {
          if (one.command.kind === 'revoke' || one.command.kind === 'expire') continue;
          const result = move(c, one.command, { now, policy });
          expect(result.ok ? result.value : 'refused').toMatch(/unchanged|refused/);
        }
      }),
      RUNS,
    );
  });

  test('I-5: the final state never changes', () => {
    fc.assert(
      fc.property(openCases(), moves, ({ policy, opened }, all) => {
        const finals = play(opened, policy, all).map(({ after: c }) => c.request.status);
        const first = finals.find((status) => status.state !== 'pending');
        const since = first === undefined ? [] : finals.slice(finals.indexOf(first));
        for (const status of since) expect(status).toEqual(first);
      }),
      RUNS,
    );
  });

  test('I-10: nothing is decided at or after the end of the pending time', () => {
    fc.assert(
      fc.property(openCases(), moves, ({ policy, opened }, all) => {
        for (const { move: one, at, result } of play(opened, policy, all)) {
          if (one.command.kind !== 'decide' && one.command.kind !== 'cancel') continue;
          const stepped = result.ok && result.value !== 'unchanged';
          expect(stepped && at.now >= opened.request.expiresAt).toBe(false);
        }
      }),
      RUNS,
    );
  });

  test('I-16: a deny before quorum ends the request, whatever was approved before', () => {
    fc.assert(
      fc.property(openCases(), fc.subarray([...PERSON_IDS]), fc.nat(5), ({ policy, opened }, who, where) => {
        const at = { now: opened.request.openedAt, policy };
        let c = opened;
        for (const [index, id] of who.entries()) {
          const verdict = index === where % Math.max(1, who.length) ? 'deny' : 'approve';
          const result = move(c, approval(id, { verdict }), at);
          if (!result.ok || result.value === 'unchanged') continue;
          c = result.value.next;
          if (verdict !== 'deny') continue;
          expect(c.request.status).toMatchObject({ state: 'denied', by: id });
          expect(c.grant).toBeUndefined();
        }
      }),
      RUNS,
    );
  });
});

describe('order', () => {
  test('I-16: the same approvals in any order end alike', () => {
    const orders = fc
      .subarray([...PERSON_IDS])
      .chain((some) => fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })));
    fc.assert(
      fc.property(openCases(), orders, ({ policy, opened }, [a, b]) => {
        const ends = [a, b].map((order) =>
          endOfPlay(
            opened,
            play(
              opened,
              policy,
              order.map((id) => ({ command: approval(id), waitMs: 0 })),
            ),
          ),
        );
        const [one, other] = ends.map((c) => [c.request.status.state, c.grant?.expiresAt, c.grant?.access]);
        expect(other).toEqual(one);
      }),
      RUNS,
    );
  });
});

describe('steps', () => {
  test('I-14: every step raises the version by one and has an event; a refusal leaves the case alone', () => {
    fc.assert(
      fc.property(openCases(), moves, ({ policy, opened }, all) => {
        for (const { before, result } of play(opened, policy, all)) {
          if (!result.ok || result.value === 'unchanged') continue;
          expect(result.value.next.version).toBe(before.version + 1);
          expect(result.value.events.length).toBeGreaterThan(0);
        }
      }),
      RUNS,
    );
  });

  test('I-14: folding the events of the whole story gives the state', () => {
    fc.assert(
      fc.property(openCases(), moves, ({ policy, opened }, all) => {
        const played = play(opened, policy, all);
        const events = played.flatMap(({ result }) =>
          result.ok && result.value !== 'unchanged' ? [...result.value.events] : [],
        );
        const at = opened.request.openedAt;
        const folded = foldEvents([{ type: 'request.opened', at, request: opened.request }, ...events]);
        expect({ ...folded, version: 0 }).toEqual({ ...endOfPlay(opened, played), version: 0 });
      }),
      RUNS,
    );
  });

  test('I-11: a command repeated at once is refused or changes nothing', () => {
    fc.assert(
      fc.property(openCases(), moves, ({ policy, opened }, all) => {
        for (const { after: c, move: one, at, result } of play(opened, policy, all)) {
          if (!result.ok || result.value === 'unchanged') continue;
          const again = move(c, one.command, at);
          expect(again.ok ? again.value : 'refused').toMatch(/unchanged|refused/);
        }
      }),
      RUNS,
    );
  });

  test('the input is never changed, and the same input gives the same answer', () => {
    fc.assert(
      fc.property(openCases(), moves, ({ policy, opened }, all) => {
        const before = structuredClone(opened);
        const first = play(opened, policy, all);
        expect(opened).toEqual(before);
        expect(play(opened, policy, all)).toEqual(first);
      }),
      { numRuns: 100 },
    );
  });
});

describe('revisions', () => {
  test('I-1: each narrowing asks for less, never for more or for something else', () => {
    let narrowings = 0;
    fc.assert(
      fc.property(openCases(), moves, ({ policy, opened }, all) => {
        for (const { before, after: c } of play(opened, policy, all)) {
          const [from, to] = [before.request, c.request];
          expect(coversScopes(from.access.scopes, to.access.scopes)).toBe(true);
          expect(to.duration).toBeLessThanOrEqual(from.duration);
          expect({ ...to.access, scopes: 0 }).toEqual({ ...from.access, scopes: 0 });
          expect([to.expiresAt, to.notBefore, to.lines]).toEqual([from.expiresAt, from.notBefore, from.lines]);
          if (to.revision === from.revision) continue;
          narrowings += 1;
          expect(to.revision).toBe(from.revision + 1);
          expect(to.digest).not.toBe(from.digest);
        }
      }),
      RUNS,
    );
    expect(narrowings).toBeGreaterThan(10);
  });

  test('I-4: decisions in force carry the digest of the revision, and the grant too', () => {
    fc.assert(
      fc.property(openCases(), moves, ({ policy, opened }, all) => {
        const c = endOfPlay(opened, play(opened, policy, all));
        for (const one of decisionsInForce(c)) expect(one.digest).toBe(c.request.digest);
        if (c.grant !== undefined) expect(c.grant.digest).toBe(c.request.digest);
      }),
      RUNS,
    );
  });

  test('I-4: a verdict on any revision but the one in force is refused', () => {
    fc.assert(
      fc.property(openCases(), moves, fc.integer({ min: -1, max: 5 }), ({ policy, opened }, all, revision) => {
        const played = play(opened, policy, all);
        const c = endOfPlay(opened, played);
        if (revision === c.request.revision) return;
        const now = played.at(-1)?.at.now ?? opened.request.openedAt;
        for (const id of PERSON_IDS) {
          expect(move(c, approval(id, { revision }), { now, policy }).ok).toBe(false);
        }
      }),
      RUNS,
    );
  });
});

describe('policy in force', () => {
  test('I-17: whatever policy comes to be, nothing is granted beyond what was asked', () => {
    fc.assert(
      fc.property(openCases(), policies, moves, ({ opened }, other, all) => {
        const c = endOfPlay(opened, play(opened, other, all));
        if (c.grant === undefined) return;
        expect(coversScopes(opened.request.access.scopes, c.grant.access.scopes)).toBe(true);
        expect(c.grant.expiresAt - c.grant.notBefore).toBeLessThanOrEqual(opened.request.duration);
      }),
      RUNS,
    );
  });

  test('I-18: a person who is not enabled has no say', () => {
    fc.assert(
      fc.property(openCases(), policies, ({ opened }, other) => {
        const at = { now: opened.request.openedAt, policy: other };
        for (const id of PERSON_IDS) {
          const result = decideRequest(opened, approval(id), at, sha256Hashing.digestOf);
          const enabled = other.people.some((one) => one.id === id && one.enabled);
          expect(result.ok && !enabled).toBe(false);
        }
      }),
      RUNS,
    );
  });

  test('I-22: time never buys a decision: what is refused for its time stays refused', () => {
    fc.assert(
      fc.property(
        openCases(),
        fc.constantFrom(...PERSON_IDS),
        fc.nat(48),
        fc.nat(48),
        ({ policy, opened }, id, a, b) => {
          const early = after(opened.request.openedAt, minutes(a * 10));
          const late = after(early, duration(hours(1) * b));
          const [first, second] = [early, late].map((now) => move(opened, approval(id), { now, policy }).ok);
          expect(second === true && first === false).toBe(false);
        },
      ),
      RUNS,
    );
  });
});
