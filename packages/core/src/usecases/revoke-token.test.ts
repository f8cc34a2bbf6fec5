/** Tests of revoking tokens, handles and grants: what ends with what, and what is left alone. */
import { describe, expect, test } from '@jest/globals';
import {
  ALICE,
  BOB,
  byline,
  codeOf,
  DAN,
  DAVE,
  DEPLOY,
  issuedBy,
  outcomeOf,
  type Story,
  story,
  valueIn,
} from '@sallyport/testkit/core';
import { minutes } from '../domain/instant.ts';

const oauth = byline({ door: 'oauth' });
const onlyCase = (house: Story) => {
  const [stored] = [...house.memory.store.cases.values()];
  if (stored === undefined) throw new Error('nothing was asked');
  return stored.case;
};

describe('a token', () => {
  test('R4: that one only; a sibling and the next exchange go on', async () => {
    const house = story();
    await house.grants();
    const [a, b] = [issuedBy(await house.exchanges({ jti: 'a' })), issuedBy(await house.exchanges({ jti: 'b' }))];
    expect(codeOf(await house.revokeToken(house.ci, a.token, oauth))).toBe('ok');
    expect([await house.isActive(a.token), await house.isActive(b.token)]).toEqual([false, true]);
    expect(outcomeOf(await house.exchanges({ jti: 'c' }))).toBe('issued');
  });

  test('R3: another client’s stays active, and the attempt is in the trail', async () => {
    const house = story();
    await house.grants();
    const { token } = issuedBy(await house.exchanges());
    expect(codeOf(await house.revokeToken(house.deployer, token, oauth))).toBe('malformed');
    expect(await house.isActive(token)).toBe(true);
    expect(house.trail().at(-1)).toBe('malformed');
  });

  test('R1: unknown, expired, revoked before: done, and nothing changes', async () => {
    const house = story();
    await house.grants();
    const { token } = issuedBy(await house.exchanges());
    valueIn(await house.revokeToken(house.ci, token, oauth));
    const rows = house.trail().length;
    for (const text of [token, 'garbage', 'own.tok_x.1.1', 'x'.repeat(43), '']) {
      expect(codeOf(await house.revokeToken(house.ci, text, oauth))).toBe('ok');
    }
    expect(house.trail().length).toBe(rows);
  });
});

describe('a handle', () => {
  test('P13: the one that made the request takes it back', async () => {
    const house = story();
    const code = await house.defers();
    valueIn(await house.revokeToken(house.ci, code, oauth));
    expect(onlyCase(house).request.status.state).toBe('canceled');
    expect(await house.polls(code)).toMatchObject({ error: { code: 'request_closed', state: 'canceled' } });
  });

  test('P14: approved and nothing issued: the grant goes too', async () => {
    const house = story();
    const code = await house.defers();
    await house.approves(onlyCase(house).request.id);
    valueIn(await house.revokeToken(house.ci, code, oauth));
    expect(onlyCase(house).grant?.status.state).toBe('revoked');
    expect(outcomeOf(await house.polls(code))).toBe('grant_ended');
    expect(house.memory.store.tokens.size).toBe(0);
  });

  test('one that gave its token changes nothing any more', async () => {
    const house = story();
    const code = await house.defers();
    await house.approves(onlyCase(house).request.id);
    const { token } = issuedBy(await house.polls(code));
    valueIn(await house.revokeToken(house.ci, code, oauth));
    expect(await house.isActive(token)).toBe(true);
    expect(onlyCase(house).grant?.status.state).toBe('active');
  });

  test('one that joined somebody’s request ends alone', async () => {
    const house = story();
    const { request } = await house.asks();
    const code = await house.defers();
    valueIn(await house.revokeToken(house.ci, code, oauth));
    expect(onlyCase(house).request.status.state).toBe('pending');
    await house.approves(request.id);
    expect(await house.polls(code)).toMatchObject({ error: { code: 'grant_ended', how: 'revoked' } });
    expect(outcomeOf(await house.exchanges())).toBe('issued');
  });

  test('another client’s is left alone', async () => {
    const house = story();
    const code = await house.defers();
    expect(codeOf(await house.revokeToken(house.deployer, code, oauth))).toBe('ok');
    expect(onlyCase(house).request.status.state).toBe('pending');
  });
});

describe('a grant', () => {
  test('I-9: "End now" by the requester, the subject or an approver: tokens, handles and exchanges end at once', async () => {
    for (const who of [ALICE, DEPLOY, BOB, DAN]) {
      const house = story();
      const c = await house.grants();
      const { token } = issuedBy(await house.exchanges());
      valueIn(await house.revokeGrant({ request: c.request.id }, who, byline({ principal: who })));
      expect(await house.isActive(token)).toBe(false);
      expect(outcomeOf(await house.exchanges({ jti: 'next' }))).toBe('approval_required');
      expect(onlyCase(house).grant?.status).toMatchObject({ state: 'revoked', by: who });
    }
  });

  test('I-11: again, by its grant id, changes nothing', async () => {
    const house = story();
    const c = await house.grants();
    const grant = c.grant?.id;
    if (grant === undefined) throw new Error('no grant');
    expect(await house.revokeGrant({ grant }, ALICE, byline())).toMatchObject({ value: { changed: true } });
    expect(await house.revokeGrant({ grant }, BOB, byline())).toMatchObject({ value: { changed: false } });
  });

  test('to a stranger it does not exist; unknown ids leave a row', async () => {
    const house = story();
    const c = await house.grants();
    expect(codeOf(await house.revokeGrant({ request: c.request.id }, DAVE, byline({ principal: DAVE })))).toBe(
      'request_unknown',
    );
    expect(codeOf(await house.revokeGrant({ grant: house.chance.grantId() }, ALICE, byline()))).toBe('request_unknown');
    expect(house.trail().slice(-2)).toEqual(['request_unknown', 'request_unknown']);
    expect(onlyCase(house).grant?.status.state).toBe('active');
  });

  test('one whose time is over is told so', async () => {
    const house = story();
    const c = await house.grants();
    house.memory.clock.advance(minutes(31));
    expect(await house.revokeGrant({ request: c.request.id }, ALICE, byline())).toMatchObject({
      error: { code: 'grant_ended', how: 'over' },
    });
  });
});
