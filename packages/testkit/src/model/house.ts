/** Owns the product under the model: the real use cases over one store, tokens without cryptography. */
import {
  type Client,
  type Clock,
  clientById,
  type ExchangeToken,
  type Instant,
  type IntrospectToken,
  type Moment,
  makeCancelRequest,
  makeExchangeToken,
  makeIntrospectToken,
  makeMoreTime,
  makePaces,
  makeReading,
  makeRecordDecision,
  makeRedeemHandle,
  makeRevokeGrant,
  makeRevokeToken,
  makeStartBackchannel,
  makeSubmitRequest,
  type Policy,
} from '@sallyport/core';
import { aPolicy, BOB, byline, ORDERS } from '../builders.ts';
import type { StoreWorld } from '../contracts/store-world.ts';
import { seededChance, sha256Hashing } from '../fixed-clock.ts';
import {
  echoClock,
  plainDetailsChecker,
  plainOwnVerifier,
  plainSigner,
  plainSubjectVerifier,
} from '../memory-tokens.ts';

export type House = ReturnType<typeof makeHouse>;

/** All use cases over one store; the policy is put into it by `put`. Without an exact clock the programs know the time they last read. */
export function makeHouse(world: StoreWorld, start: Policy, seed: string, exact?: Clock) {
  let inForce = start;
  const echo = echoClock();
  const clock = exact ?? echo;
  const chance = seededChance(seed);
  const deps = {
    ...world,
    chance,
    clock,
    hashing: sha256Hashing,
    policies: { inForce: () => inForce },
    verifier: plainSubjectVerifier(),
    ownVerifier: plainOwnVerifier(),
    signer: plainSigner(),
    details: plainDetailsChecker(),
    paces: makePaces(clock),
  };
  const known = aPolicy();
  const clientOf = (id: string): Client => {
    const found = clientById(known, id);
    if (found === undefined) throw new Error(`no client ${id}`);
    return found;
  };
  return {
    world,
    chance,
    hashing: sha256Hashing,
    by: byline({ door: 'rest' }),
    ci: clientOf('ci'),
    deployer: clientOf('deployer'),
    ordersApi: { ...clientOf('orders-api') },
    submit: makeSubmitRequest(deps),
    moreTime: makeMoreTime(deps),
    decide: makeRecordDecision(deps),
    cancel: makeCancelRequest(deps),
    exchange: makeExchangeToken(deps) as ExchangeToken,
    redeem: makeRedeemHandle(deps),
    startBackchannel: makeStartBackchannel(deps),
    introspect: makeIntrospectToken(deps) as IntrospectToken,
    revokeToken: makeRevokeToken(deps),
    revokeGrant: makeRevokeGrant(deps),
    reading: makeReading(deps),
    put: async (policy: Policy): Promise<void> => {
      inForce = policy;
      await world.put(policy);
    },
    /** The store's time; the programs' estimate of it is set to the same. */
    now: async (): Promise<Instant> => {
      const { at }: { at: Moment } = await world.ledger.covering({ subject: BOB, resource: ORDERS, useKeys: [] });
      echo.heard(at.now);
      return at.now;
    },
  };
}
