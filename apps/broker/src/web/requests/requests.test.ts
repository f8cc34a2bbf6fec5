/** /requests/{id} as people see it: who may read, decide, cancel and end, by the same decision as everywhere, and what is refused. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeQuestionRequest, type PersonId, type RequestId } from '@sallyport/core';
import { type BrokerHouse, startBrokerHouse } from '../../testing/broker-house.ts';
import { type Callers, callersOf, REASON, trailOf } from '../../testing/callers.ts';
import { browserOf, formTokenIn, readOf, type Shown, type WebBrowser } from '../../testing/web-browser.ts';

let house: BrokerHouse;
let call: Callers;
let id: string;
let path: string;

beforeEach(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
  id = String((await call.ask('alice', { subject: { workload: 'payments-deploy' }, ticket: 'OPS-7' })).body.id);
  path = `/requests/${id}`;
});
afterEach(() => house.close());

const caseOf = () => [...house.world.store.cases.values()].at(-1)?.case;
const as = async (sub: string): Promise<WebBrowser> => {
  const browser = browserOf(house);
  await browser.signIn(sub);
  return browser;
};
/** Opens the page and presses a button of it; what is shown in the end. */
async function press(browser: WebBrowser, choice: string, fields: Readonly<Record<string, string>> = {}, on = path) {
  const page = await browser.open(on);
  const sent = await browser.post(path, { choice, revision: '1', ...fields }, page);
  return sent.location === undefined ? sent : browser.open(sent.location);
}
const refused = () => trailOf(house, 'attempt.refused').map(({ reasonCode }) => reasonCode);

describe('reading', () => {
  test.each(['alice', 'bob', 'dan', 'carol'])('%s sees who asks for what, why, and who has to say yes', async (who) => {
    const page = readOf(await (await as(who)).open(path));
    for (const said of [
      'Alice Ahn asks for admin on Orders database (production)',
      'For 30 minutes.',
      'From Alice Ahn (alice@acme.test)',
      'For pipeline payments-deploy',
      'Scopes orders:read orders:write',
      'Ticket OPS-7',
      'High risk',
      REASON,
      '0 of 2 approvals. Until',
      '1 from dba (Carol Cole and Dan Dorn)',
      'Bob Berg (manager)',
      `Rule everything-with-two Request ${id} Revision 1`,
    ])
      expect(page).toContain(said);
  });

  test('who decides sees what is worth knowing, and what was asked and answered', async () => {
    const bob = await as('bob');
    expect(readOf(await bob.open(path))).toContain('First request for this resource for payments-deploy.');
    await call.approveBoth(id);
    const again = await call.ask('alice', { subject: { workload: 'payments-deploy' }, role: 'read' });
    const next = `/requests/${String(again.body.id)}`;
    const askQuestion = makeQuestionRequest(house.world);
    const by = { door: 'slack', traceId: 't' } as const;
    const requestId = again.body.id as RequestId;
    await askQuestion.ask({ requestId, by: 'bob@acme.test' as PersonId, text: 'Why <b>twice</b>?' }, by);
    const shown = readOf(await bob.open(next));
    expect(shown).toMatch(/payments-deploy already has admin on Orders database \(production\) until \d\d:\d\d UTC/);
    expect(shown).toMatch(
      /1 earlier request for this resource for payments-deploy in 30 days. The last one, .* was approved/,
    );
    expect(shown).toMatch(/Bob Berg asked at \d\d:\d\d UTC : Why <b>twice<\/b>\? Not answered yet/);
    expect(readOf(await (await as('alice')).open(next))).not.toContain('Worth knowing');
    house.fail('facts.history');
    expect((await bob.open(next)).status).toBe(200);
  });

  test('to everybody else it does not exist, and neither does what never was', async () => {
    const dave = await as('dave');
    for (const where of [path, `${path}/sign-in?revision=1`, '/requests/req_00000000000000000000000000', '/requests/x'])
      expect([where, (await dave.open(where)).status]).toEqual([where, 404]);
    expect(readOf(await dave.open(path))).toContain('It does not exist, or it is not yours to see.');
    const page = await dave.open('/requests');
    for (const choice of ['approve', 'deny', 'cancel', 'end']) {
      const sent = await dave.post(path, { choice, revision: '1', reason: 'no' }, page);
      expect([choice, sent.status]).toEqual([choice, 404]);
    }
    expect(caseOf()?.version).toBe(1);
    expect(refused()).toEqual(Array(4).fill('request_unknown'));
  });

  test('who is not signed in signs in first, and comes back', async () => {
    const browser = browserOf(house);
    expect((await browser.get(path)).location).toBe(`/login?${new URLSearchParams({ next: path })}`);
    expect(readOf(await browser.signIn('bob', path))).toContain('Signed in as Bob Berg');
  });

  test('each sees the buttons of what they may do, and no other', async () => {
    const choices = async (who: string) =>
      [...(await (await as(who)).open(path)).text.matchAll(/name="choice" value="(\w+)"/g)].map(([, word]) => word);
    expect(await choices('alice')).toEqual(['cancel']);
    expect(await choices('bob')).toEqual(['approve', 'deny']);
    await call.approveBoth(id);
    for (const who of ['alice', 'bob', 'carol']) expect(await choices(who)).toEqual(['end']);
  });

  test('it shows itself anew while it may change, but never under the hands of who decides', async () => {
    expect((await (await as('alice')).open(path)).text).toContain('data-live');
    const forBob = await (await as('bob')).open(path);
    expect(forBob.text).not.toMatch(/data-live|http-equiv="refresh"|<script/);
  });

  test('the list: what waits for them, and what they asked for', async () => {
    const forBob = await (await as('bob')).open('/requests');
    expect(forBob.text).toContain(`href="${path}"`);
    expect(readOf(forBob)).toContain(
      'Alice Ahn: admin on Orders database (production) for 30 minutes, for payments-deploy Pending, 0 of 2 approvals.',
    );
    expect(readOf(forBob)).toContain('You have not asked for anything.');
    expect(readOf(await (await as('alice')).open('/requests'))).toMatch(
      /Nothing waits for you. Yours Alice Ahn: admin/,
    );
    expect((await (await as('dave')).open('/requests')).text).not.toContain(id);
    await press(await as('bob'), 'approve');
    expect(readOf(await (await as('bob')).open('/requests'))).toContain('Nothing waits for you.');
  });
});

describe('deciding', () => {
  test('I-3: Bob and Dan approve: "1 of 2", then active; the trail has both, by the page', async () => {
    const after = await press(await as('bob'), 'approve');
    expect(readOf(after)).toContain('1 of 2 approvals.');
    expect(readOf(after)).toMatch(/You approved this at \d\d:\d\d UTC . You may still deny it/);
    const done = readOf(await press(await as('dan'), 'approve'));
    expect(done).toMatch(/Active Until \d\d:\d\d UTC/);
    expect(done).toMatch(/Bob Berg approved at .* Dan Dorn approved at/);
    expect(caseOf()?.grant?.status.state).toBe('active');
    const decisions = trailOf(house, 'decision.made');
    expect(decisions.map(({ actor, verdict }) => [actor, verdict])).toEqual([
      ['person:bob@acme.test', 'approve'],
      ['person:dan@acme.test', 'approve'],
    ]);
  });

  test('it is the same decision as by REST: one by each door', async () => {
    await call.decide('dan', id);
    expect(readOf(await press(await as('bob'), 'approve'))).toContain('Active Until');
  });

  test('deny needs a reason, which the page then shows', async () => {
    const bob = await as('bob');
    const empty = await press(bob, 'deny', { reason: '  ' });
    expect([empty.status, readOf(empty)]).toEqual([400, expect.stringContaining('Say why, in a few words')]);
    expect(caseOf()?.version).toBe(1);
    const denied = readOf(await press(bob, 'deny', { reason: 'Use the staging copy' }));
    expect(denied).toMatch(/Denied at \d\d:\d\d UTC by Bob Berg\. Use the staging copy/);
    expect(caseOf()?.request.status).toMatchObject({ state: 'denied', by: 'bob@acme.test' });
  });

  test('pressed twice it counts once, and is no error', async () => {
    const bob = await as('bob');
    const page = await bob.open(path);
    const fields = { choice: 'approve', revision: '1' };
    const both = await Promise.all([bob.post(path, fields, page), bob.post(path, fields, page)]);
    expect(both.map(({ status }) => status)).toEqual([303, 303]);
    const dan = await as('dan');
    const shown = await dan.open(path);
    expect((await dan.post(path, fields, shown)).status).toBe(303);
    expect((await dan.post(path, fields, shown)).status).toBe(303);
    expect(caseOf()?.decisions).toHaveLength(2);
  });

  test('case 14: her own request she cannot decide, whatever she sends', async () => {
    const shown = await press(await as('alice'), 'approve');
    expect([shown.status, readOf(shown)]).toEqual([403, expect.stringContaining("You can't decide your own request.")]);
    expect(refused()).toEqual(['own_request']);
  });

  test('case 22: a stale revision is refused with a clear sentence, and the page redrawn', async () => {
    const bob = await as('bob');
    const page = await bob.open(path);
    await call.decide('dan', id, { narrow: { duration: '5m', scopes: ['orders:read'] } });
    const sent = await bob.post(path, { choice: 'approve', revision: '1' }, page);
    expect(sent.status).toBe(409);
    expect(readOf(sent)).toContain('This changed since you saw it. Somebody approved less than was asked.');
    expect(readOf(sent)).toMatch(/For 5 minutes\..*Scopes orders:read For how long/);
    expect(caseOf()?.decisions.map(({ person }) => person)).toEqual(['dan@acme.test']);
    expect((await bob.open(`${path}?revision=1&duration=15m`)).status).toBe(409);
    expect((await bob.post(path, { choice: 'approve', revision: '2' }, sent)).status).toBe(303);
    expect(caseOf()?.grant?.access.scopes).toEqual(['orders:read']);
  });

  test('somebody else was quicker: told by whom, and nothing changes', async () => {
    const bob = await as('bob');
    const page = await bob.open(path);
    await call.decide('dan', id, { verdict: 'deny' });
    const sent = await bob.post(path, { choice: 'approve', revision: '1' }, page);
    expect([sent.status, readOf(sent)]).toEqual([
      409,
      expect.stringMatching(/This request is denied\. Nothing was changed\. Denied Denied at .* by Dan Dorn/),
    ]);
  });

  test('after the pending time nobody decides, with no worker', async () => {
    const bob = await as('bob');
    house.advance(4 * 3_600 + 1);
    await bob.signIn('bob');
    const shown = await bob.open(path);
    expect(readOf(shown)).toContain('Nobody decided in time.');
    expect((await bob.post(path, { choice: 'approve', revision: '1' }, shown)).status).toBe(409);
  });

  test.each([
    ['another word', { choice: 'Approve', revision: '1' }],
    ['no word', { revision: '1' }],
    ['no revision', { choice: 'approve', revision: '' }],
    ['a revision that is none', { choice: 'deny', revision: '1.0', reason: 'no' }],
  ])('%s does nothing', async (_, fields) => {
    const bob = await as('bob');
    const sent = await bob.post(path, fields, await bob.open(path));
    expect([sent.status, caseOf()?.version]).toEqual([400, 1]);
  });

  test('I-18: a person removed between the page and the button changes nothing', async () => {
    const bob = await as('bob');
    const page = await bob.open(path);
    house.putPolicy(house.policyWith('name: Bob Berg,', 'name: Bob Berg, enabled: false,'));
    expect((await bob.post(path, { choice: 'approve', revision: '1' }, page)).status).toBe(403);
    expect(caseOf()?.version).toBe(1);
  });

  test('an outage changes nothing and says so', async () => {
    const bob = await as('bob');
    const page = await bob.open(path);
    house.fail('ledger.transact');
    expect((await bob.post(path, { choice: 'approve', revision: '1' }, page)).status).toBe(503);
    house.fail();
    expect(caseOf()?.version).toBe(1);
  });
});

describe('for less', () => {
  test('what is left is shown first, then approved; earlier approvals are void', async () => {
    await call.decide('dan', id);
    const bob = await as('bob');
    const left = await bob.open(`${path}?revision=1&duration=15m&keep=&keep=0`);
    expect(readOf(left)).toContain('That is less than was asked. Only orders:read , for 15 minutes.');
    expect(left.text).toContain('<input type="hidden" name="duration" value="15m">');
    const sent = await bob.post(path, { choice: 'approve', revision: '1', duration: '15m', keep: '0' }, left);
    expect(sent.status).toBe(303);
    const twice = await bob.post(path, { choice: 'approve', revision: '1', duration: '15m', keep: '0' }, left);
    expect([twice.status, caseOf()?.version]).toEqual([303, 3]);
    expect(caseOf()?.request).toMatchObject({ revision: 2, access: { scopes: ['orders:read'] } });
    expect(readOf(await bob.open(path))).toContain('This no longer counts: less was approved since.');
  });

  test.each([
    ['all of it', 'duration=30m&keep=0&keep=1', 'That is all of it.'],
    ['no scope', 'keep=', 'Leave at least one scope.'],
    ['longer', 'duration=2h', 'At most 30m here'],
  ])('%s is no less', async (_, query, said) => {
    const shown = readOf(await (await as('bob')).open(`${path}?revision=1&${query}`));
    expect(shown).toContain(said);
    expect(shown).not.toContain('That is less than was asked');
  });

  test('more than was asked is refused, whatever is sent', async () => {
    const sent = await press(await as('bob'), 'approve', { duration: '9h' });
    expect([sent.status, caseOf()?.version]).toEqual([422, 1]);
  });
});

describe('taking back', () => {
  test('only whoever asked cancels; again is harmless', async () => {
    const bob = await press(await as('bob'), 'cancel');
    expect([bob.status, caseOf()?.request.status.state]).toEqual([404, 'pending']);
    const alice = await as('alice');
    const page = await alice.open(path);
    expect(readOf(await press(alice, 'cancel'))).toMatch(/Canceled at \d\d:\d\d UTC by Alice Ahn/);
    expect((await alice.post(path, { choice: 'cancel' }, page)).status).toBe(303);
  });

  test('case 25b: who can read it ends it, and it says by whom', async () => {
    await call.approveBoth(id);
    const ended = readOf(await press(await as('carol'), 'end'));
    expect(ended).toMatch(/Ended early Carol Cole ended it at \d\d:\d\d UTC/);
    expect(caseOf()?.grant?.status.state).toBe('revoked');
    const alice = await as('alice');
    expect((await alice.post(path, { choice: 'end' }, await alice.open(path))).status).toBe(303);
  });
});

describe('CSRF: a form from elsewhere', () => {
  const FIELDS = { choice: 'approve', revision: '1' };

  test.each([
    ['without a token', {}, undefined],
    ['with a made-up token', { form_token: 'x'.repeat(43) }, undefined],
    ['sent by another site, whatever token it has', undefined, { 'sec-fetch-site': 'cross-site', origin: 'null' }],
    ['by an old browser, with another origin', undefined, { origin: 'https://evil.test' }],
  ])('%s changes nothing', async (_, token, headers) => {
    const bob = await as('bob');
    const shown = await bob.open(path);
    const fields = token === undefined ? { ...FIELDS, form_token: formTokenIn(shown) } : { ...FIELDS, ...token };
    const sent = await bob.post(path, fields, undefined, headers);
    expect([sent.status, caseOf()?.version]).toEqual([403, 1]);
    expect(readOf(sent)).toContain('not from your session');
  });

  test('after the session ended is told so, and comes back to the request', async () => {
    const bob = await as('bob');
    const shown = await bob.open(path);
    house.advance(31 * 60);
    const sent = await bob.post(path, FIELDS, shown);
    expect([sent.status, readOf(sent)]).toEqual([401, expect.stringContaining('Your session is over')]);
    expect(sent.text).toContain(`/login?next=${encodeURIComponent(path)}`);
  });
});

describe('case 11: text is text', () => {
  const NASTY = '</blockquote><script>alert(1)</script>"\'><img src=x onerror=alert(1)>\u202e\u200b';

  test('in names, reasons and tickets, on the page, in the list and after a mistake', async () => {
    house.putPolicy(
      house
        .policyWith('name: Orders database (production)', `name: ${JSON.stringify(NASTY)}`)
        .replace('name: Alice Ahn', `name: ${JSON.stringify(NASTY)}`),
    );
    const asked = await call.ask('alice', { justification: `Approved by Bob Berg\n${NASTY}`, ticket: NASTY });
    const bob = await as('bob');
    const shown: Shown[] = [await bob.open(`/requests/${String(asked.body.id)}`), await bob.open('/requests')];
    shown.push(await bob.post(`/requests/${String(asked.body.id)}`, { choice: 'deny', revision: '1' }, shown[0]));
    for (const page of shown) {
      expect(page.text).not.toMatch(/<script|<img|\u202e|\u200b/);
      expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    }
    const [page] = shown;
    expect(page?.text).toMatch(/<blockquote>Approved by Bob Berg\n/);
  });
});
