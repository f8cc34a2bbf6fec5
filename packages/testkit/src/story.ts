/** Owns the short sentences of use-case tests: Alice asks, Bob approves, the job exchanges, in the in-memory house. */
import {
  type AccessCase,
  type Ask,
  type Decide,
  type ExchangeCommand,
  type Issued,
  type OnceKey,
  type PersonId,
  type Principal,
  person,
  type Refusal,
  type RequestId,
  type Result,
  type Waiting,
  type Written,
} from '@sallyport/core';
import { anAsk, BOB, byline, DAN, DEPLOY, ORDERS_READ } from './builders.ts';
import { type MemoryHouse, memoryHouse } from './memory-house.ts';
import { type PlainSaid, plainSubjectToken } from './memory-tokens.ts';
import type { MemoryWorldOptions } from './memory-world.ts';

export type Exchanged = Result<Issued | Waiting, Refusal>;
/** What an exchange asks, in the words of a test. */
export type ExchangeWish = Partial<Omit<ExchangeCommand, 'subjectToken' | 'fingerprint'>> & {
  readonly subject?: Principal;
  /** Which of the subject's tokens: another is another CI job. */
  readonly jti?: string;
  /** What its token says beside that. */
  readonly said?: PlainSaid;
  /** Leaves `scope` out. */
  readonly noScope?: true;
};

export interface Story extends MemoryHouse {
  asks(change?: Partial<Ask>, once?: OnceKey): Promise<AccessCase>;
  clicks(id: RequestId, who: Principal, change?: Partial<Decide>, once?: OnceKey): Promise<Result<Written, Refusal>>;
  /** Dan and Bob approve. */
  approves(id: RequestId): Promise<AccessCase>;
  /** Asked, and approved by Dan and Bob. */
  grants(change?: Partial<Ask>): Promise<AccessCase>;
  exchanges(wish?: ExchangeWish): Promise<Exchanged>;
  /** Exchanges with opting in, and gives the handle. */
  defers(wish?: ExchangeWish): Promise<string>;
  polls(code: string, client?: ExchangeCommand['client']): Promise<Exchanged>;
  isActive(token: string): Promise<boolean>;
  /** Types of all audit rows, oldest first; a refused attempt with its code. */
  trail(): readonly string[];
}

/** A house with the sentences above. */
export function story(options: MemoryWorldOptions = {}): Story {
  const house = memoryHouse(options);
  const oauth = byline({ door: 'oauth' });
  const asks: Story['asks'] = async (change, once) => valueIn(await house.submit(anAsk(change), house.by, once)).case;
  const clicks: Story['clicks'] = (requestId, who, change, once) =>
    house.decide(
      { requestId, person: who.id as PersonId, verdict: 'approve', revision: 1, hideFromStrangers: false, ...change },
      byline({ door: 'slack', principal: who }),
      once,
    );
  const approves: Story['approves'] = async (id) => {
    valueIn(await clicks(id, DAN));
    return valueIn(await clicks(id, BOB)).case;
  };
  const exchanges: Story['exchanges'] = ({ subject = DEPLOY, jti = 'job-1', said = {}, noScope, ...change } = {}) => {
    const { scopes = [ORDERS_READ], ...rest } = change;
    const asked = {
      client: house.ci,
      targets: ['https://orders-db.acme.test'],
      deferred: false,
      kind: 'access' as const,
      reason: 'deploy of the night',
      ...rest,
      ...(noScope ? {} : { scopes }),
    };
    const fingerprint = JSON.stringify([asked, subject.id, jti, said]);
    const subjectToken = { from: 'foreign', token: plainSubjectToken(subject, jti, said) } as const;
    return house.exchange({ ...asked, subjectToken, fingerprint }, oauth);
  };
  return {
    ...house,
    asks,
    clicks,
    approves,
    exchanges,
    grants: async (change) => approves((await asks(change)).request.id),
    defers: async (wish) => {
      const waiting = valueIn(await exchanges({ ...wish, deferred: true }));
      if (waiting.kind !== 'waiting' || waiting.handle === undefined) throw new Error('no handle');
      return waiting.handle.code;
    },
    polls: (code, client = house.ci) => house.redeem({ client, kind: 'deferral_code', code }, oauth),
    isActive: async (token) => (await house.introspect(house.ordersApi, token, oauth)).active,
    trail: () => house.memory.store.audit.map((row) => row.reasonCode ?? row.type),
  };
}

/** The value, or a failure that tells the refusal. */
export function valueIn<T>(result: Result<T, Refusal>): T {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`);
  return result.value;
}

/** `issued`, `waiting`, or the code of the refusal. */
export function outcomeOf(result: Exchanged): string {
  return result.ok ? result.value.kind : result.error.code;
}

/** The token of an exchange; a failure if there was none. */
export function issuedBy(result: Exchanged): Issued {
  const value = valueIn(result);
  if (value.kind !== 'issued') throw new Error('told to wait');
  return value;
}

/** The code of a refusal, or `ok`. */
export function codeOf(result: Result<unknown, Refusal>): string {
  return result.ok ? 'ok' : result.error.code;
}

/** A person as a principal, by name. */
export function called(name: string): Principal {
  return person(`${name}@acme.test`);
}
