/** /device as a person sees it: what they are shown before anything happens, what they can choose, and who cannot. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, ISSUER, startBrokerHouse } from '../../testing/broker-house.ts';
import { trailOf } from '../../testing/callers.ts';
import { devicesOf, WHY } from '../../testing/devices.ts';
import { browserOf, formTokenIn, readOf, type WebBrowser } from '../../testing/web-browser.ts';

let house: BrokerHouse;
let device: ReturnType<typeof devicesOf>;
let alice: WebBrowser;

beforeEach(async () => {
  house = await startBrokerHouse();
  device = devicesOf(house);
  alice = browserOf(house);
  await alice.signIn('alice');
});
afterEach(() => house.close());

const caseOf = () => [...house.world.store.cases.values()].at(-1)?.case;
const opened = () => house.world.store.cases.size;

describe('P24: before anything happens', () => {
  test('she sees who asks, for what, for how long, as whom, and who would have to approve', async () => {
    const { userCode } = await device.begin({ reason: 'Nightly check', requested_duration: '30m' });
    const page = readOf(await device.review(alice, userCode));
    for (const said of [
      userCode,
      'Program psql',
      'read on Orders database (production) (high risk)',
      'Scopes orders:read',
      'For 30 minutes, from approval',
      'As Alice Ahn (alice@acme.test)',
      '1 from dba (Carol Cole and Dan Dorn)',
      'Bob Berg (manager)',
      'You need 2 approvals: 1 from dba',
      'They are asked at once and have 4 hours',
      'Continue only if you started this yourself, just now',
      'At least 10 characters',
      'Nightly check',
    ])
      expect(page).toContain(said);
    expect(opened()).toBe(0);
  });

  test('an hour at most where nothing is said, and never more than the role gives', async () => {
    expect(readOf(await device.review(alice, (await device.begin()).userCode))).toContain('For 1 hour,');
    const long = await device.begin({ scope: 'orders:write', requested_duration: '9h' });
    expect(readOf(await device.review(alice, long.userCode))).toContain('For 1 hour,');
  });

  test('a rule that approves by itself says so, and wants no reason', async () => {
    const { userCode } = await device.begin({ scope: 'metrics:read' });
    const dan = browserOf(house);
    await dan.signIn('dan');
    const shown = await device.review(dan, userCode);
    expect(readOf(shown)).toContain('Nobody has to approve');
    expect(shown.text).not.toContain('<textarea');
  });

  test('what she has already, and what she asked for already, is joined: nobody is asked twice', async () => {
    const first = await device.begin();
    await device.confirm(alice, first.userCode);
    const second = await device.begin();
    expect(readOf(await device.review(alice, second.userCode))).toContain(
      'You have asked for this already: 0 of 2 approvals',
    );
    await device.confirm(alice, second.userCode, { choice: 'continue' });
    expect(opened()).toBe(1);
    await device.approveBoth(caseOf()?.request.id);
    const third = await device.begin();
    expect(readOf(await device.review(alice, third.userCode))).toContain('You have this access already until');
    await device.confirm(alice, third.userCode, { choice: 'continue' });
    for (const { deviceCode } of [first, second, third]) expect((await device.poll(deviceCode)).status).toBe(200);
    expect(opened()).toBe(1);
  });

  test('what no rule gives her is said, and she can only turn it away', async () => {
    const { userCode, deviceCode } = await device.begin();
    const dave = browserOf(house);
    await dave.signIn('dave');
    const shown = await device.review(dave, userCode);
    expect(readOf(shown)).toContain('No such resource or role');
    expect(shown.text).not.toContain('value="continue"');
    expect((await dave.post(shown.path, { choice: 'continue', reason: WHY }, shown)).status).toBe(422);
    expect((await device.pollLater(deviceCode)).body.error).toBe('authorization_pending');
  });

  test('a code in the address is typed for her, and no more', async () => {
    const { userCode } = await device.begin();
    const page = await alice.open(`/device?user_code=${userCode}`);
    expect(page.text).toContain(`value="${userCode}"`);
    expect(readOf(page)).not.toContain('psql');
    expect(opened()).toBe(0);
  });

  test.each([
    ['small letters without a dash', (code: string) => code.toLowerCase().replace('-', '')],
    ['spaces', (code: string) => ` ${code.replace('-', ' ')} `],
  ])('it may be typed with %s', async (_, how) => {
    const { userCode } = await device.begin();
    expect(readOf(await device.review(alice, how(userCode)))).toContain('Program psql');
  });
});

describe('P24: the choice', () => {
  test('continuing opens the request in her name, and the page tells how far it is, by itself', async () => {
    const { deviceCode, userCode } = await device.begin();
    const waiting = await device.confirm(alice, userCode);
    expect(readOf(waiting)).toContain('0 of 2 approvals');
    expect(waiting.text).toContain('data-live');
    expect(waiting.text).toContain('<noscript><meta http-equiv="refresh"');
    expect(waiting.headers['content-security-policy']).toContain("script-src 'self'");
    expect(caseOf()?.request).toMatchObject({
      subject: { id: 'alice@acme.test' },
      requester: { id: 'alice@acme.test' },
      justification: WHY,
      door: 'oauth',
    });
    const [id] = [...house.world.store.devices.keys()];
    await device.decide('bob', caseOf()?.request.id);
    expect(readOf(await alice.open(`/device/${id}`))).toContain('1 of 2 approvals');
    await device.decide('dan', caseOf()?.request.id);
    expect(readOf(await alice.open(`/device/${id}`))).toContain('Your device collects its access');
    await device.poll(deviceCode);
    const done = await alice.open(`/device/${id}`);
    expect(readOf(done)).toContain('Your device has its access');
    expect(done.text).not.toContain('data-live');
  });

  test('a reason the rule finds too short is said at the field, and what was typed stays', async () => {
    const { userCode } = await device.begin();
    const shown = await device.confirm(alice, userCode, { choice: 'continue', reason: 'short' });
    expect(shown.status).toBe(400);
    expect(readOf(shown)).toContain('at least 10 characters');
    expect(shown.text).toMatch(/>\nshort<\/textarea>/);
    expect(opened()).toBe(0);
  });

  test('pressing twice changes nothing more', async () => {
    const { userCode } = await device.begin();
    const shown = await device.review(alice, userCode);
    const fields = { choice: 'continue', reason: WHY };
    await Promise.all([alice.post(shown.path, fields, shown), alice.post(shown.path, fields, shown)]);
    await alice.post(shown.path, fields, shown);
    expect(opened()).toBe(1);
    expect(readOf(await alice.open(shown.path))).toContain('Waiting for approval');
  });

  test('an outage between asking and tying the device to it: the next press joins, nobody is asked twice', async () => {
    const { userCode, deviceCode } = await device.begin();
    const shown = await device.review(alice, userCode);
    house.fail('devices.take');
    expect((await alice.post(shown.path, { choice: 'continue', reason: WHY }, shown)).status).toBe(503);
    house.fail();
    expect(readOf(await alice.open(shown.path))).toContain('You have asked for this already');
    await alice.post(shown.path, { choice: 'continue' }, shown);
    expect(opened()).toBe(1);
    await device.approveBoth(caseOf()?.request.id);
    expect((await device.poll(deviceCode)).status).toBe(200);
  });

  test('she turns it away, and is told; the device is told too', async () => {
    const { userCode, deviceCode } = await device.begin();
    expect(readOf(await device.confirm(alice, userCode, { choice: 'deny' }))).toContain('You turned it away');
    expect((await device.pollLater(deviceCode)).body.error).toBe('access_denied');
    expect(opened()).toBe(0);
  });

  test('anything but the one word is no yes', async () => {
    const { userCode } = await device.begin();
    await device.confirm(alice, userCode, { choice: 'Continue', reason: WHY });
    expect(opened()).toBe(0);
  });

  test('what an approver denied, and what nobody decided, is told with who and when', async () => {
    const { userCode } = await device.begin();
    await device.confirm(alice, userCode);
    await device.decide('bob', caseOf()?.request.id, { verdict: 'deny', reason: 'no' });
    const [id] = [...house.world.store.devices.keys()];
    expect(readOf(await alice.open(`/device/${id}`))).toMatch(
      /This request was denied It was denied at \d\d:\d\d UTC by Bob Berg/,
    );
  });
});

describe('P24: whoever else', () => {
  test('a code that somebody took on is nobody else’s any more', async () => {
    const { userCode } = await device.begin();
    const shown = await device.review(alice, userCode);
    await device.confirm(alice, userCode);
    const dan = browserOf(house);
    await dan.signIn('dan');
    expect(readOf(await device.review(dan, userCode))).toContain('No device shows this code');
    expect((await dan.open(shown.path)).status).toBe(404);
  });

  test('two people at once: one of them has it', async () => {
    const { userCode, deviceCode } = await device.begin({ scope: 'metrics:read' });
    const [carol, dan] = [browserOf(house), browserOf(house)];
    await carol.signIn('carol');
    await dan.signIn('dan');
    const [one, two] = [await device.review(carol, userCode), await device.review(dan, userCode)];
    const answers = await Promise.all([
      carol.post(one.path, { choice: 'continue' }, one),
      dan.post(two.path, { choice: 'continue' }, two),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 404]);
    expect((await device.poll(deviceCode)).status).toBe(200);
    expect(trailOf(house, 'token.issued')).toHaveLength(1);
  });

  test('who is not signed in signs in first, and comes back with the code typed', async () => {
    const { userCode } = await device.begin();
    const stranger = browserOf(house);
    const sent = await stranger.get(`/device?user_code=${userCode}`);
    expect(sent.location).toBe(`/login?next=${encodeURIComponent(`/device?user_code=${userCode}`)}`);
    expect((await stranger.signIn('alice', `/device?user_code=${userCode}`)).text).toContain(`value="${userCode}"`);
  });

  test('I-18: a person removed between the page and the button changes nothing', async () => {
    const { userCode } = await device.begin();
    const shown = await device.review(alice, userCode);
    house.putPolicy(
      house.policyWith(
        '  - { id: alice@acme.test, name: Alice Ahn,',
        '  - { id: alice@acme.test, name: Alice Ahn, enabled: false,',
      ),
    );
    expect((await alice.post(shown.path, { choice: 'continue', reason: WHY }, shown)).status).toBe(403);
    expect(opened()).toBe(0);
  });
});

describe('P24: guessing', () => {
  test('twenty tries in ten minutes by one person, whatever session; each miss and the limit are in the trail', async () => {
    const statuses: number[] = [];
    for (let tries = 0; tries < 21; tries++) {
      if (tries === 10) await alice.signIn('alice');
      const page = await alice.open('/device');
      statuses.push((await alice.post('/device', { user_code: 'BBBB-BBBB' }, page)).status);
    }
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(400));
    expect(statuses[20]).toBe(429);
    const rows = trailOf(house, 'attempt.refused').map(({ reasonCode, actor }) => [reasonCode, actor]);
    expect(rows.slice(0, 20)).toEqual(Array(20).fill(['handle_unknown', 'person:alice@acme.test']));
    expect(rows[20]).toEqual(['too_many', 'person:alice@acme.test']);
  });

  test('what cannot be a code is told without a look, and costs no try', async () => {
    for (let tries = 0; tries < 25; tries++) {
      const page = await alice.open('/device');
      expect(readOf(await alice.post('/device', { user_code: 'AEIO-UAEI' }, page))).toContain(
        'A code is eight letters',
      );
    }
    expect(trailOf(house, 'attempt.refused')).toEqual([]);
  });

  test('a code that is too old says so', async () => {
    const { userCode } = await device.begin();
    house.advance(601);
    expect(readOf(await device.review(alice, userCode))).toContain('This code is too old');
  });

  test.each(['x', 'a'.repeat(64), '%00', 'req_1'])('the address /device/%s shows nothing', async (id) => {
    const shown = await alice.open(`/device/${id}`);
    expect([shown.status, readOf(shown)]).toEqual([404, expect.stringMatching(/No such device|Not found/)]);
  });
});

describe('CSRF: a form from elsewhere', () => {
  const FIELDS = { choice: 'continue', reason: WHY };

  test.each([
    ['without a token', {}, undefined],
    ['with a made-up token', { form_token: 'x'.repeat(43) }, undefined],
    ['sent by another site, whatever token it has', undefined, { 'sec-fetch-site': 'cross-site', origin: 'null' }],
    ['sent by a neighbour', undefined, { 'sec-fetch-site': 'same-site', origin: 'null' }],
    ['by an old browser, with another origin', undefined, { origin: 'https://evil.test' }],
  ])('%s changes nothing', async (_, token, headers) => {
    const { userCode } = await device.begin();
    const shown = await device.review(alice, userCode);
    const fields = token === undefined ? { ...FIELDS, form_token: formTokenIn(shown) } : { ...FIELDS, ...token };
    const sent = await alice.post(shown.path, fields, undefined, headers);
    expect([sent.status, opened()]).toEqual([403, 0]);
    expect(readOf(sent)).toContain('not from your session');
  });

  test('with the token of another session changes nothing', async () => {
    const attacker = browserOf(house);
    const theirs = formTokenIn(await attacker.signIn('dave'));
    const { userCode } = await device.begin();
    const shown = await device.review(alice, userCode);
    expect((await alice.post(shown.path, { ...FIELDS, form_token: theirs })).status).toBe(403);
    expect(opened()).toBe(0);
  });

  test('with our own origin, by an old browser, is taken', async () => {
    const { userCode } = await device.begin();
    const shown = await device.review(alice, userCode);
    expect((await alice.post(shown.path, FIELDS, shown, { origin: ISSUER })).status).toBe(303);
  });

  test('after the session ended is told so, and changes nothing', async () => {
    const { userCode } = await device.begin();
    const shown = await device.review(alice, userCode);
    house.advance(31 * 60);
    const sent = await alice.post(shown.path, FIELDS, shown);
    expect([sent.status, readOf(sent)]).toEqual([401, expect.stringContaining('Your session is over')]);
  });

  test('that is no form is told so', async () => {
    const { userCode } = await device.begin();
    const shown = await device.review(alice, userCode);
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x']) {
      const headers = { 'content-type': type, 'sec-fetch-site': 'same-origin' };
      expect((await alice.post(shown.path, FIELDS, shown, headers)).status).toBeGreaterThanOrEqual(400);
    }
    expect(opened()).toBe(0);
  });
});

describe('XSS: text is text', () => {
  const NASTY = '</textarea><script>alert(1)</script>"\'><img src=x onerror=alert(1)>\u202e\u200b';

  test('in names, reasons, scopes and details, on the page and after a mistake', async () => {
    const { userCode } = await device.begin({ reason: NASTY });
    house.putPolicy(
      house
        .policyWith('name: Orders database (production)', `name: ${JSON.stringify(NASTY)}`)
        .replace('name: Alice Ahn', `name: ${JSON.stringify(NASTY)}`)
        .replace('name: Bob Berg', `name: ${JSON.stringify(NASTY)}`),
    );
    const shown = await device.review(alice, userCode);
    const again = await alice.post(shown.path, { choice: 'continue', reason: '<b>' }, shown);
    const taken = await device.confirm(alice, userCode, { choice: 'continue', reason: NASTY });
    for (const page of [shown, again, taken]) {
      expect(page.text).not.toMatch(/<script(?! src="\/web\/live\.js" defer>)|<img|\u202e|\u200b/);
    }
    expect(caseOf()?.request.justification).toBe(NASTY.trim());
  });

  test('in a typed code', async () => {
    const page = await alice.open(`/device?user_code=${encodeURIComponent('"><script>1</script>')}`);
    expect(page.text).not.toContain('<script');
  });
});
