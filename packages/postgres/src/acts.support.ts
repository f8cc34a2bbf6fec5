/** Owns the acts integration tests perform on a store: open, click, revoke, issue. */
import { randomBytes } from 'node:crypto';
import {
  type AccessCase,
  type AccessRequest,
  after,
  type Chance,
  type Decide,
  decideGrant,
  decideRequest,
  type Grant,
  hours,
  type IssuanceRecord,
  instant,
  type Ledger,
  minutes,
  ok,
  type PersonId,
  person,
  type Refusal,
  type RequestId,
  type Result,
  type Seen,
  stepOf,
  type TokenId,
  type Written,
  wholeSecond,
} from '@sallyport/core';
import { ADMIN_LINES, anOpening, BOB, byline, CI, DAN, ORDERS, seededChance, sha256Hashing } from '@sallyport/testkit';

export const chance: Chance = seededChance(randomBytes(8).toString('hex'));

export type Live = Seen<AccessCase & { readonly grant: Grant }>;
type AskChange = Partial<Omit<AccessRequest, 'digest' | 'status'>>;

/** The value, or a failure that says the refusal. */
export function must(result: Result<Written, Refusal>): Written {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`);
  return result.value;
}

/** The code of a refusal; `ok` if there was none. */
export function codeOf(result: Result<unknown, Refusal>): string {
  return result.ok ? 'ok' : result.error.code;
}

/** Opens a pending request on orders-db admin: for payments-deploy, by Alice. */
export async function open(ledger: Ledger, change: AskChange = {}): Promise<AccessCase> {
  const subject = change.subject ?? { kind: 'workload', id: 'payments-deploy' as never };
  const written = await ledger.open(
    { subject, resource: ORDERS },
    (_, at) =>
      ok({
        kind: 'new',
        step: anOpening({
          id: chance.requestId(),
          lines: ADMIN_LINES,
          policyVersion: at.policy.version,
          openedAt: at.now,
          expiresAt: after(at.now, hours(4)),
          ...change,
        }),
      }),
    byline(),
  );
  return must(written).case;
}

/** One person's verdict. */
export function click(ledger: Ledger, id: RequestId, who: PersonId, change: Partial<Decide> = {}) {
  const command: Decide = {
    kind: 'decide',
    id: chance.decisionId(),
    grantId: chance.grantId(),
    person: who,
    verdict: 'approve',
    revision: 1,
    ...change,
  };
  return ledger.transact(
    id,
    (c, at) => decideRequest(c, command, at, sha256Hashing.digestOf),
    byline({ door: 'slack', principal: person(who), external: `slack:T01TEST/${who}` }),
  );
}

/** Opens, and lets Dan (dba) and Bob (manager) approve. */
export async function live(ledger: Ledger, change: AskChange = {}): Promise<Live> {
  const c = await open(ledger, change);
  must(await click(ledger, c.request.id, DAN.id));
  const written = must(await click(ledger, c.request.id, BOB.id));
  const { grant } = written.case;
  if (grant === undefined) throw new Error('approved by everybody, and yet no grant');
  return { value: { ...written.case, grant }, at: written.at };
}

/** Bob ends the grant. */
export function revoke(ledger: Ledger, id: RequestId) {
  return ledger.transact(id, (c, at) => decideGrant(c, { kind: 'revoke', by: BOB }, at), byline({ principal: BOB }));
}

/** The client gives one token back. */
export function revokeToken(ledger: Ledger, id: RequestId, jti: TokenId) {
  const by = { kind: 'client', id: 'ci' } as const;
  return ledger.transact(id, (c, { now }) => ok(stepOf(c, [{ type: 'token.revoked', at: now, jti, by }])), byline());
}

/** A ten-minute token of all the grant's scopes. */
export function issuance(from: Live, change: Partial<IssuanceRecord> = {}): IssuanceRecord {
  const issuedAt = wholeSecond(from.at.now);
  const { grant } = from.value;
  return {
    token: {
      jti: chance.tokenId(),
      subject: grant.subject,
      audience: grant.access.audience,
      clientId: CI,
      scopes: grant.access.scopes,
      grantId: grant.id,
      requestId: grant.requestId,
      issuedAt,
      expiresAt: instant(Math.min(issuedAt + minutes(10), grant.expiresAt)),
    },
    from,
    uses: [],
    fingerprint: 'f1',
    by: byline({ door: 'oauth', clientId: 'ci' }),
    ...change,
  };
}

/** Waits until a condition holds; fails after so many ms: what was promised, or 30 s where nothing is. */
export async function until(what: string, holds: () => Promise<boolean> | boolean, ms = 30_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms in vain: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}
