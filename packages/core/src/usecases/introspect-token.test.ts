/** Tests of introspection: inactive at each doubt, and only for one's own resources. */
import { expect, test } from '@jest/globals';
import { aPolicy, changed, issuedBy, story, withRule } from '@sallyport/testkit/core';

test('I4: active with everything the token says', async () => {
  const house = story();
  await house.grants();
  const { token, facts } = issuedBy(await house.exchanges());
  expect(await house.introspect(house.ordersApi, token, house.by)).toEqual({ active: true, facts });
});

test('I2: unknown, garbage and handles are inactive, and no more is said', async () => {
  const house = story();
  const code = await house.defers();
  for (const text of ['', 'garbage', code, `own.${house.chance.tokenId()}.99999999999999.1`]) {
    expect(await house.introspect(house.ordersApi, text, house.by)).toEqual({ active: false });
  }
});

test('I3: for a resource that is not the caller’s inactive, and the attempt is in the trail', async () => {
  const house = story();
  await house.grants();
  const { token } = issuedBy(await house.exchanges());
  expect(await house.introspect(house.ci, token, house.by)).toEqual({ active: false });
  expect(house.trail().at(-1)).toBe('client_not_allowed');
});

test('I-18: the caller’s right is read with the token, not from what it presented', async () => {
  const house = story();
  await house.grants();
  const { token } = issuedBy(await house.exchanges());
  const policy = aPolicy();
  await house.put(changed(policy, { clients: policy.clients.map((one) => ({ ...one, introspect: [] })) }));
  expect(await house.introspect(house.ordersApi, token, house.by)).toEqual({ active: false });
});

test('I-17: inactive as soon as no rule allows it any more, active again when one does', async () => {
  const house = story();
  await house.grants();
  const { token } = issuedBy(await house.exchanges());
  await house.put(withRule(aPolicy(), 'payments-admin', undefined));
  expect(await house.isActive(token)).toBe(false);
  await house.put(aPolicy());
  expect(await house.isActive(token)).toBe(true);
});
