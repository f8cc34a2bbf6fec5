/** Owns what is checked after every command: each row as the model has it, each token as good as the model thinks. */
import { type AccessCase, canonicalAsk, decisionsInForce } from '@sallyport/core';
import { byline } from '../builders.ts';
import { expectThat } from './expect-that.ts';
import type { House } from './house.ts';
import { isGood, type Model, type ModelRequest } from './model.ts';

/** Throws with the invariant that no longer holds. */
export async function checkInvariants(m: Model, house: House): Promise<void> {
  for (const r of m.requests) {
    const seen = await house.world.ledger.find(r.id);
    expectThat(seen !== undefined, 'I-8: what was answered is there');
    checkCase(house, r, seen.value, seen.at.now);
  }
  const t0 = await house.now();
  for (const token of m.tokens) {
    const { active } = await house.introspect(house.ordersApi, token.text, byline({ door: 'oauth' }));
    const before = isGood(m, token, t0);
    if (active === before) continue;
    const after = isGood(m, token, await house.now());
    expectThat(
      active === after,
      `I-9, I-17, I-18, I-22: ${token.jti} is ${active ? 'active' : 'inactive'} and should not be`,
    );
  }
}

function checkCase(house: House, r: ModelRequest, c: AccessCase, now: number): void {
  const { request, grant } = c;
  expectThat(c.version === r.version, `I-14: version ${c.version}, one per step would be ${r.version}`);
  expectThat(request.revision === r.revision, 'I-4: only a narrowing makes a revision');
  expectThat(
    request.status.state === (r.closed ?? (r.swept ? 'expired' : 'pending')),
    'I-5: one final state, for ever',
  );
  if (request.status.state === 'expired') expectThat(now >= r.until, 'I-10: nothing expires early');
  expectThat((grant !== undefined) === (r.closed === 'approved'), 'I-6: a grant if and only if approved');
  expectThat(
    request.digest === house.hashing.digestOf(canonicalAsk(request)),
    'I-4: the digest is that of the revision',
  );
  const inForce = decisionsInForce(c);
  expectThat(inForce.length === r.voices.size, 'I-3: one decision per person and revision');
  for (const one of inForce) {
    expectThat(r.voices.get(one.person)?.verdict === one.verdict, 'I-3: nobody speaks for somebody else');
    expectThat(one.digest === request.digest, 'I-4: a decision binds to its revision');
  }
  if (grant === undefined || r.grant === undefined) return;
  expectThat(grant.digest === request.digest, 'I-4: the grant comes from the revision');
  const state = r.grant.revoked ? 'revoked' : r.swept ? 'expired' : 'active';
  expectThat(grant.status.state === state, `I-5: the grant is ${grant.status.state}, not ${state}`);
}

/** The rows of transitions; refused attempts, issued tokens and ended handles are told to nobody. */
const TRANSITIONS = /^(?:request\.|decision\.|grant\.|token\.revoked$)/;

/** What must hold of the trail when all is done: I-7 and I-14. */
export async function checkTrail(m: Model, house: House): Promise<void> {
  const audit = await house.world.audit();
  const outbox = await house.world.outbox();
  const issued = audit.flatMap((row) => (row.type === 'token.issued' ? [row.jti] : []));
  expectThat(new Set(issued).size === issued.length, 'I-7: one row per token');
  const given = new Set<string | undefined>(m.tokens.map((token) => token.jti));
  expectThat(
    issued.length === given.size && issued.every((jti) => given.has(jti)),
    'I-7: every token has its row, every row its token',
  );
  for (const r of m.requests) {
    const told = audit.filter((row) => row.requestId === r.id && TRANSITIONS.test(row.type));
    const sent = outbox.filter((row) => row.requestId === r.id);
    expectThat(
      JSON.stringify(told.map((row) => row.type)) === JSON.stringify(sent.map((row) => row.type)),
      'I-14: one audit row and one outbox row per event',
    );
    const finals = told.filter((row) => /^request\.(approved|denied|canceled|expired)$/.test(row.type));
    expectThat(finals.length === (r.closed !== undefined || r.swept ? 1 : 0), 'I-5: one record of the final state');
  }
}
