/** Who a Slack account is: team, flags, directory, in this order; whatever cannot be known is a no. */
import { describe, expect, test } from '@jest/globals';
import { instant, type LinkId, type PersonId, type SlackLink } from '@sallyport/core';
import { ALICE, aPerson, aPolicy, BOB, changed, withPerson } from '@sallyport/testkit/core';
import { makeAccounts } from './accounts.ts';
import { type Actor, type AskUserFacts, makeIdentities, type UserFacts } from './identity.ts';

const member: UserFacts = {
  team: 'T01TEST',
  deleted: false,
  isBot: false,
  isRestricted: false,
  isUltraRestricted: false,
  isStranger: false,
};
const bob: Actor = { team: 'T01TEST', user: 'U01BOB', payloadTeam: 'T01TEST', enterpriseInstall: false };

function house(facts: UserFacts | undefined | 'unreachable' = member, policy = aPolicy()) {
  let asked = 0;
  let nowMs = 0;
  let inForce = policy;
  let answer: UserFacts | undefined | 'unreachable' = facts;
  let link: SlackLink | undefined;
  const ask: AskUserFacts = async () => {
    asked += 1;
    if (answer === 'unreachable') throw new Error('no answer');
    return answer;
  };
  const identities = makeIdentities({
    policies: { inForce: () => inForce },
    accounts: makeAccounts({ ofAccount: async () => link, ofPeople: async () => [] }),
    teams: () => new Set(['T01TEST']),
    ask,
    monotonicMs: () => nowMs,
  });
  return {
    identities,
    asked: () => asked,
    pass: (ms: number) => {
      nowMs += ms;
    },
    answers: (next: UserFacts | undefined | 'unreachable') => {
      answer = next;
    },
    linked: (next: SlackLink | undefined) => {
      link = next;
    },
    put: (next: typeof policy) => {
      inForce = next;
    },
  };
}
const why = async (work: ReturnType<ReturnType<typeof house>['identities']['identify']>) => {
  const found = await work;
  return found.ok ? found.value.person : found.error.why;
};

describe('identity', () => {
  test('GX-1: a full, active member bound to one person is that person', async () => {
    expect(await why(house().identities.identify(bob, { live: true }))).toBe(BOB.id);
  });

  test.each([
    ['deactivated', { deleted: true }, 'deactivated'],
    ['a bot', { isBot: true }, 'bot'],
    ['a guest', { isRestricted: true }, 'guest'],
    ['a single-channel guest', { isUltraRestricted: true }, 'guest'],
    ['a stranger', { isStranger: true }, 'stranger'],
    ['of another team, says Slack', { team: 'T02OTHER' }, 'stranger'],
  ])('GX-1: %s is nobody', async (_what, flags, problem) => {
    expect(await why(house({ ...member, ...flags }).identities.identify(bob, { live: true }))).toBe(problem);
  });

  test('GX-1: an account Slack does not know, or cannot be asked about, is nobody', async () => {
    const unknown = house();
    unknown.answers(undefined);
    expect(await why(unknown.identities.identify(bob, { live: true }))).toBe('stranger');
    expect(await why(house('unreachable').identities.identify(bob, { live: true }))).toBe('facts_unreachable');
  });

  test('less access needs less proof: a lenient look goes on when Slack cannot be asked, and only then', async () => {
    const lenient = { live: true, lenient: true };
    expect(await why(house('unreachable').identities.identify(bob, lenient))).toBe(BOB.id);
    expect(await why(house({ ...member, isRestricted: true }).identities.identify(bob, lenient))).toBe('guest');
  });

  test.each([
    ['the payload’s team is another', { payloadTeam: 'T02OTHER' }, 'foreign_team'],
    ['the account’s team is another', { team: 'T02OTHER' }, 'foreign_team'],
    ['it is an organisation’s installation', { enterpriseInstall: true }, 'enterprise_install'],
  ])('GX-3: refused without asking when %s', async (_what, change, problem) => {
    const here = house();
    expect(await why(here.identities.identify({ ...bob, ...change }, { live: true }))).toBe(problem);
    expect(here.asked()).toBe(0);
  });

  test('only the binding counts: neither name nor address, nor an id of another team', async () => {
    expect(await why(house().identities.identify({ ...bob, user: 'U01DAVE2' }, { live: true }))).toBe('nobody_matches');
    const shared = changed(aPolicy(), {
      people: [
        ...aPolicy().people,
        aPerson('bob2@acme.test' as PersonId, { slack: { team: 'T01TEST', user: 'U01BOB' } }),
      ],
    });
    expect(await why(house(member, shared).identities.identify(bob, { live: true }))).toBe('several_match');
    const gone = withPerson(aPolicy(), BOB.id, { enabled: false });
    expect(await why(house(member, gone).identities.identify(bob, { live: true }))).toBe('not_in_directory');
  });

  test('a link counts where the policy says nothing of account and person, and only while it lives', async () => {
    const here = house();
    const walt = aPerson('walt@acme.test' as PersonId);
    const { slack: _, ...unbound } = walt;
    const policy = changed(aPolicy(), { people: [...aPolicy().people, unbound] });
    const account = { team: 'T01TEST', user: 'W01WALT' };
    const link: SlackLink = { id: 'lnk_1' as LinkId, account, person: walt.id, linkedAt: instant(0) };
    const found = (actor = { ...bob, ...account }) => why(here.identities.identify(actor, { live: false }));
    here.put(policy);
    expect(await found()).toBe('nobody_matches');
    here.linked(link);
    expect(await found()).toBe(walt.id);
    expect(await found({ ...bob, user: 'W01OTHER' })).toBe('nobody_matches');
    here.put(withPerson(policy, walt.id, { slack: { team: 'T01TEST', user: 'U01ELSE' } }));
    expect(await found()).toBe('nobody_matches');
    here.put(withPerson(policy, BOB.id, { slack: account }));
    expect(await found()).toBe(BOB.id);
    here.put(withPerson(policy, walt.id, { enabled: false }));
    expect(await found()).toBe('not_in_directory');
    here.put(policy);
    here.linked({ ...link, ended: { at: instant(1), why: 'unlinked' } });
    expect(await found()).toBe('nobody_matches');
  });

  test('W ids are ids like any other', async () => {
    const moved = withPerson(aPolicy(), ALICE.id, { slack: { team: 'T01TEST', user: 'W01WANDA' } });
    const wanda = { ...bob, user: 'W01WANDA' };
    expect(await why(house(member, moved).identities.identify(wanda, { live: false }))).toBe(ALICE.id);
  });

  test('I-18: facts are at most 60 s old, asked anew for high risk, and forgotten when Slack says so', async () => {
    const here = house();
    await here.identities.identify(bob, { live: false });
    await here.identities.identify(bob, { live: false });
    expect(here.asked()).toBe(1);
    here.answers({ ...member, deleted: true });
    expect(await why(here.identities.identify(bob, { live: false }))).toBe(BOB.id);
    expect(await why(here.identities.identify(bob, { live: true }))).toBe('deactivated');
    here.answers(member);
    expect(await why(here.identities.identify(bob, { live: false }))).toBe('deactivated');
    here.pass(60_001);
    expect(await why(here.identities.identify(bob, { live: false }))).toBe(BOB.id);
    here.answers({ ...member, isRestricted: true });
    here.identities.forget('U01BOB');
    expect(await why(here.identities.identify(bob, { live: false }))).toBe('guest');
  });

  test('I-18: the policy in force is looked at each time', async () => {
    const here = house();
    await here.identities.identify(bob, { live: false });
    here.put(withPerson(aPolicy(), BOB.id, undefined));
    expect(await why(here.identities.identify(bob, { live: false }))).toBe('nobody_matches');
  });
});
