/** Step-up: an approval that counts only with a fresh sign-in, made at the issuer for exactly what is approved. By every door. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../../testing/broker-house.ts';
import { type Callers, callersOf, trailOf } from '../../testing/callers.ts';
import { browserOf, readOf, type Shown, type WebBrowser } from '../../testing/web-browser.ts';

const SESSION = '__Host-sallyport';
let house: BrokerHouse;
let call: Callers;
let id: string;
let path: string;
let bob: WebBrowser;

beforeEach(async () => {
  house = await startBrokerHouse();
  house.putPolicy(house.policyWith('    risk: high\n', '    risk: high\n    step_up: true\n'));
  call = callersOf(house);
  id = String((await call.ask('alice')).body.id);
  path = `/requests/${id}`;
  bob = browserOf(house);
  await bob.signIn('bob');
});
afterEach(() => house.close());

const caseOf = () => [...house.world.store.cases.values()].at(-1)?.case;
const refused = () => trailOf(house, 'attempt.refused').map(({ reasonCode }) => reasonCode);
const APPROVE = { choice: 'approve', revision: '1' };

/** The link on a page that leads to the fresh sign-in. */
function signInLink({ text }: Shown): string {
  const found = /href="([^"]+\/sign-in\?[^"]+)"/.exec(text)?.[1];
  if (found === undefined) throw new Error('no link to sign in again');
  return found.replaceAll('&#38;', '&');
}

/** Follows it, signs in anew as `sub`, and comes back. */
async function signsInAgain(browser: WebBrowser, page: Shown, sub: string): Promise<Shown> {
  const left = await browser.get(signInLink(page));
  return browser.open(browser.chosen(left.location ?? '', sub));
}

describe('on the page', () => {
  test('it offers no approval but a fresh sign-in, then the approval; the decision says when they authenticated', async () => {
    const began = Date.now();
    const page = await bob.open(path);
    expect(readOf(page)).toContain('Approving this needs a fresh sign-in.');
    expect(page.text).not.toContain('value="approve"');
    const left = await bob.get(signInLink(page));
    const asked = new URL(left.location ?? '').searchParams;
    expect([asked.get('prompt'), asked.get('max_age')]).toEqual(['login', '0']);
    const back = await bob.open(bob.chosen(left.location ?? '', 'bob'));
    expect(readOf(back)).toMatch(/You signed in again for exactly this. Approve it before \d\d:\d\d UTC/);
    expect((await bob.post(path, APPROVE, back)).status).toBe(303);
    const [decision] = caseOf()?.decisions ?? [];
    const authenticated = Number(decision?.steppedUpAt);
    expect(Math.abs(authenticated - Number(decision?.at))).toBeLessThan(5_000 + Date.now() - began);
    expect(readOf(await bob.open(path))).toMatch(/Bob Berg approved at \d\d:\d\d UTC , with a fresh sign-in./);
    expect(trailOf(house, 'decision.made')).toMatchObject([{ event: { decision: { steppedUpAt: authenticated } } }]);
    expect(refused()).toEqual([]);
  });

  test('every approver needs their own: the second too, and then it is active', async () => {
    for (const who of ['bob', 'dan']) {
      const browser = browserOf(house);
      await browser.signIn(who);
      const back = await signsInAgain(browser, await browser.open(path), who);
      expect((await browser.post(path, APPROVE, back)).status).toBe(303);
    }
    expect(caseOf()?.grant?.status.state).toBe('active');
    expect(caseOf()?.decisions.map(({ steppedUpAt }) => typeof steppedUpAt)).toEqual(['number', 'number']);
  });

  test('denying needs none, and neither does ending', async () => {
    const page = await bob.open(path);
    expect((await bob.post(path, { choice: 'deny', revision: '1', reason: 'no' }, page)).status).toBe(303);
    expect(caseOf()?.request.status.state).toBe('denied');
  });

  test('for less: the sign-in is for what is left, and for nothing else', async () => {
    const less = `${path}?revision=1&duration=15m&keep=&keep=0`;
    const back = await signsInAgain(bob, await bob.open(less), 'bob');
    expect(readOf(back)).toMatch(/Only orders:read , for 15 minutes\..*You signed in again for exactly this/);
    expect((await bob.post(path, APPROVE, back)).status).toBe(403);
    expect((await bob.post(path, { ...APPROVE, duration: '5m', keep: '0' }, back)).status).toBe(403);
    expect((await bob.post(path, { ...APPROVE, duration: '15m', keep: '0' }, back)).status).toBe(303);
    expect(caseOf()?.request).toMatchObject({ revision: 2, duration: 900_000 });
    expect(refused()).toEqual(['step_up_required', 'step_up_required']);
  });
});

describe('what is no fresh sign-in for this', () => {
  const approvedBy = async (browser: WebBrowser, page: Shown) => {
    const sent = await browser.post(path, APPROVE, page);
    expect(caseOf()?.version).toBe(1);
    return [sent.status, readOf(sent)] as const;
  };

  test('an ordinary session, whatever it sends', async () => {
    const [status, text] = await approvedBy(bob, await bob.open(path));
    expect([status, text]).toEqual([403, expect.stringContaining('It counts only when you confirm it')]);
    expect(refused()).toEqual(['step_up_required']);
  });

  test('a fresh sign-in for nothing', async () => {
    const back = await bob.signIn('bob', path, { fresh: '1' });
    expect((await approvedBy(bob, back))[0]).toBe(403);
  });

  test('one for another request', async () => {
    const other = String((await call.ask('alice', { role: 'read' })).body.id);
    await signsInAgain(bob, await bob.open(`/requests/${other}`), 'bob');
    const page = await bob.open(path);
    expect(page.text).not.toContain('value="approve"');
    const sent = await bob.post(path, APPROVE, page);
    expect([sent.status, readOf(sent)]).toEqual([403, expect.stringContaining('was for something else')]);
  });

  test('one for the revision before', async () => {
    const back = await signsInAgain(bob, await bob.open(path), 'bob');
    const dan = browserOf(house);
    await dan.signIn('dan');
    const less = await signsInAgain(dan, await dan.open(`${path}?revision=1&duration=5m`), 'dan');
    expect((await dan.post(path, { ...APPROVE, duration: '5m' }, less)).status).toBe(303);
    expect((await bob.post(path, APPROVE, back)).status).toBe(409);
    expect((await bob.post(path, { ...APPROVE, revision: '2' }, back)).status).toBe(403);
    expect(caseOf()?.decisions).toHaveLength(1);
  });

  test('one that is five minutes old', async () => {
    const back = await signsInAgain(bob, await bob.open(path), 'bob');
    house.advance(301);
    const [status, text] = await approvedBy(bob, back);
    expect([status, text]).toEqual([403, expect.stringContaining('older than 5 minutes')]);
    expect((await bob.open(path)).text).toContain('Sign in again to approve');
  });

  test('another person’s: who comes back as somebody else has it for nothing', async () => {
    const back = await signsInAgain(bob, await bob.open(path), 'dan');
    expect(readOf(back)).toContain('Signed in as Dan Dorn');
    expect(back.text).not.toContain('value="approve"');
    expect((await approvedBy(bob, back))[0]).toBe(403);
  });

  test.each([
    ['does not say when', ({ auth_time: _, ...claims }: Record<string, unknown>) => claims],
    [
      'says a time before we asked',
      (claims: Record<string, unknown>) => ({ ...claims, auth_time: Number(claims.auth_time) - 45 }),
    ],
  ])('one where the issuer %s', async (_, lie) => {
    const workforce = house.issuers.issuer('workforce');
    const page = await bob.open(path);
    house.issuers.provider('workforce').lie((claims) => workforce.sign(lie(claims)));
    const shown = await signsInAgain(bob, page, 'bob');
    expect(shown.status).toBe(400);
    expect(shown.text).toContain(`next=${encodeURIComponent(`${path}?revision=1`)}`);
    expect(caseOf()?.version).toBe(1);
  });

  test('one that took long counts from when they authenticated, however long they then were away', async () => {
    const left = await bob.get(signInLink(await bob.open(path)));
    house.advance(120);
    const back = await bob.open(bob.chosen(left.location ?? '', 'bob'));
    expect((await bob.post(path, APPROVE, back)).status).toBe(303);
  });

  test('one whose session was ended', async () => {
    const back = await signsInAgain(bob, await bob.open(path), 'bob');
    const copy = bob.jar.get(SESSION) ?? '';
    await bob.post('/logout', {}, back);
    bob.jar.set(SESSION, copy);
    expect((await bob.post(path, APPROVE, back)).status).toBe(401);
    expect(caseOf()?.version).toBe(1);
  });

  test('the link is for who may approve this revision; anybody else is shown the request', async () => {
    const alice = browserOf(house);
    await alice.signIn('alice');
    for (const [who, query] of [
      [alice, 'revision=1'],
      [bob, 'revision=2'],
      [bob, ''],
    ] as const) {
      const sent = await who.get(`${path}/sign-in?${query}`);
      expect([sent.status, sent.location?.startsWith(path)]).toEqual([303, true]);
    }
  });
});

test('by REST: refused with its own code and where to go, for the whole and for less; denying works', async () => {
  for (const narrow of [undefined, { duration: '5m' }]) {
    const answer = await call.decide('bob', id, narrow === undefined ? {} : { narrow });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ code: 'step_up_required', page: path, why: 'no_sign_in' });
  }
  expect(refused()).toEqual(['step_up_required', 'step_up_required']);
  expect((await call.decide('bob', id, { verdict: 'deny' })).status).toBe(200);
});

test('on a rule alone it is asked for as well, and where the policy stops asking nobody needs it', async () => {
  house.putPolicy(house.policyWith('    pending_ttl: 4h\n', '    pending_ttl: 4h\n    step_up: true\n'));
  expect((await call.decide('bob', id)).body.code).toBe('step_up_required');
  house.putPolicy(house.policyWith('    pending_ttl: 4h\n', '    pending_ttl: 3h\n'));
  expect((await call.decide('bob', id)).status).toBe(200);
});

test('a stand-in needs their own fresh sign-in like everybody else', async () => {
  const from = new Date(Date.now() - 3_600_000).toISOString();
  const to = new Date(Date.now() + 3_600_000).toISOString();
  const away = `delegations: [ { from: bob@acme.test, to: dave@acme.test, starts: "${from}", ends: "${to}" } ]\nrules:\n`;
  house.putPolicy(
    house.policyWith('    risk: high\n', '    risk: high\n    step_up: true\n').replace('rules:\n', away),
  );
  expect((await call.decide('dave', id)).body.code).toBe('step_up_required');
  const dave = browserOf(house);
  await dave.signIn('dave');
  const back = await signsInAgain(dave, await dave.open(path), 'dave');
  expect((await dave.post(path, APPROVE, back)).status).toBe(303);
  expect(readOf(await dave.open(path))).toMatch(
    /Dave Diaz approved at .* in the place of Bob Berg, with a fresh sign-in/,
  );
});
