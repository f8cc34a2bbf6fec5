/** Who a Slack account is: the policy's word first, about account and person; a link only where it is silent; two are nobody. */
import { describe, expect, test } from '@jest/globals';
import { ALICE, aPerson, aPolicy, BOB, changed, sha256Hashing, withPerson } from '@sallyport/testkit/core';
import {
  accountOfPerson,
  actsAs,
  confirmOffer,
  instant,
  isBoundByPolicy,
  LINK_MISSES_MAX,
  type LinkId,
  type LinkOffer,
  mayLink,
  minutes,
  type PersonId,
  personOfAccount,
  type SlackLink,
  workload,
} from '../index.ts';

const { slack: _, ...unbound } = aPerson('walt@acme.test' as PersonId);
const WALT = unbound.id;
const policy = changed(aPolicy(), { people: [...aPolicy().people, unbound] });
const account = { team: 'T01TEST', user: 'W01WALT' };
const BOBS = { team: 'T01TEST', user: 'U01BOB' };
const link: SlackLink = { id: 'lnk_1' as LinkId, account, person: WALT, linkedAt: instant(0) };
const ended: SlackLink = { ...link, ended: { at: instant(1), why: 'unlinked' } };

describe('person and account', () => {
  test.each([
    ['the policy binds it', policy, BOBS, undefined, BOB.id],
    ['a link of somebody else does not change that', policy, BOBS, { ...link, account: BOBS }, BOB.id],
    ['nobody says', policy, account, undefined, 'nobody_matches'],
    ['its owner linked it', policy, account, link, WALT],
    ['the link ended', policy, account, ended, 'nobody_matches'],
    ['the link is of another account', policy, { ...account, team: 'T02OTHER' }, link, 'nobody_matches'],
    ['the person is disabled', withPerson(policy, WALT, { enabled: false }), account, link, 'not_in_directory'],
    ['the person is gone', withPerson(policy, WALT, undefined), account, link, 'not_in_directory'],
    [
      'the policy gives the person another account',
      withPerson(policy, WALT, { slack: BOBS }),
      account,
      link,
      'nobody_matches',
    ],
    [
      'whom the policy binds is disabled',
      withPerson(policy, BOB.id, { enabled: false }),
      BOBS,
      link,
      'not_in_directory',
    ],
    ['two people have it', withPerson(policy, WALT, { slack: BOBS }), BOBS, undefined, 'several_match'],
    [
      'two people have it, one of them disabled',
      withPerson(policy, WALT, { slack: BOBS, enabled: false }),
      BOBS,
      undefined,
      'several_match',
    ],
  ])('%s', (_what, by, of, through, expected) => {
    const found = personOfAccount(by, of, through);
    expect(found.ok ? found.value : found.error).toBe(expected);
    for (const id of [BOB.id, WALT]) {
      const back = accountOfPerson(by, id, through);
      // Whoever is written to is who would be known by that account.
      if (back !== undefined) expect(personOfAccount(by, back, through)).toEqual({ ok: true, value: id });
    }
    if (found.ok) expect(accountOfPerson(by, found.value, through)).toEqual(of);
  });

  test('an account acts as its own person and as nobody else', () => {
    expect(actsAs(policy, BOBS, BOB, undefined).ok).toBe(true);
    for (const who of [ALICE, workload('bob@acme.test'), undefined])
      expect(actsAs(policy, BOBS, who, undefined)).toMatchObject({ ok: false, error: { code: 'identity_rejected' } });
  });

  test('what the policy binds is not linked by hand', () => {
    expect(isBoundByPolicy(policy, BOBS)).toBe(true);
    expect(mayLink(policy, BOBS, WALT)).toMatchObject({ ok: false, error: { why: 'bound_by_policy' } });
    expect(mayLink(policy, account, BOB.id)).toMatchObject({ ok: false, error: { why: 'bound_by_policy' } });
    expect(mayLink(policy, account, 'nobody' as PersonId)).toMatchObject({ error: { why: 'not_in_directory' } });
    expect(mayLink(policy, account, WALT)).toMatchObject({ ok: true, value: { id: WALT } });
  });
});

describe('an offer', () => {
  const told = sha256Hashing.digestOf('told');
  const offer: LinkOffer = {
    id: sha256Hashing.digestOf('code'),
    account,
    claimedName: 'walt',
    confirmation: told,
    issuedAt: instant(0),
    expiresAt: instant(minutes(10)),
    misses: 0,
    closed: false,
  };
  const judge = (change: Partial<LinkOffer> | undefined, confirmation: typeof told | null = told, now = 0) => {
    const given = change === undefined ? undefined : { ...offer, ...change };
    const judged = confirmOffer(
      given,
      { person: WALT, confirmation: confirmation ?? undefined },
      { now: instant(now), policy },
    );
    return judged.ok ? 'ok' : judged.error.code;
  };

  test('is confirmed by its code, in time, once', () => {
    expect(judge({})).toBe('ok');
    expect(judge({}, told, minutes(10) - 1)).toBe('ok');
    expect(judge({}, told, minutes(10))).toBe('handle_expired');
    expect(judge({ closed: true })).toBe('handle_unknown');
    expect(judge(undefined)).toBe('handle_unknown');
    expect(judge({}, null)).toBe('proof_rejected');
    expect(judge({}, offer.id)).toBe('proof_rejected');
    expect(judge({ misses: LINK_MISSES_MAX - 1 })).toBe('ok');
    expect(judge({ misses: LINK_MISSES_MAX })).toBe('too_many');
  });

  test('that could never be confirmed says so before a code is looked at', () => {
    expect(judge({ account: BOBS }, null)).toBe('identity_rejected');
  });
});
