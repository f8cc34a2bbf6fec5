/** Signing in to the pages: who gets a session, what it holds, when it ends, and everything that must not get one. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, ISSUER, startBrokerHouse } from '../testing/broker-house.ts';
import { trailOf } from '../testing/callers.ts';
import { browserOf, readOf, type WebBrowser } from '../testing/web-browser.ts';

const SESSION = '__Host-sallyport';
const LOGIN = '__Host-sallyport-login';
let house: BrokerHouse;
let browser: WebBrowser;

beforeEach(async () => {
  house = await startBrokerHouse();
  browser = browserOf(house);
});
afterEach(() => house.close());

const provider = () => house.issuers.provider('workforce');
const isSignedIn = async (who: WebBrowser = browser) => (await who.open('/device')).text.includes('Signed in as');

describe('signing in', () => {
  test('the browser goes to the issuer with PKCE, state and nonce, and to no other address', async () => {
    const begun = await browser.get('/login?next=/device');
    const url = new URL(begun.location ?? '');
    expect([begun.status, url.origin, url.pathname]).toEqual([303, house.issuers.origin, '/workforce/authorize']);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'sallyport-web',
      redirect_uri: `${ISSUER}/login/callback`,
      scope: 'openid',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
  });

  test('she comes back to the page she wanted, by her name in the directory', async () => {
    const shown = await browser.signIn('alice', '/device?user_code=WDJB-MJHT');
    expect(shown.status).toBe(200);
    expect(readOf(shown)).toContain('Signed in as Alice Ahn');
    expect(shown.text).toContain('WDJB-MJHT');
  });

  test('the session is a cookie no script reads, no other host sets, and no other site sends', async () => {
    const begun = await browser.get('/login');
    const back = await browser.get(browser.chosen(begun.location ?? '', 'alice'));
    const cookies = [back.headers['set-cookie']].flat();
    const session = cookies.find((line) => line?.startsWith(`${SESSION}=`));
    expect(session).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Max-Age=1800; Secure$/);
    expect(session).not.toMatch(/alice|Domain/i);
    expect(cookies).toContainEqual(expect.stringMatching(new RegExp(`^${LOGIN}=; .*Max-Age=0`)));
    expect(back.headers['cache-control']).toBe('no-store');
  });

  test('it ends after half an hour, whatever was done meanwhile', async () => {
    await browser.signIn('alice');
    house.advance(29 * 60);
    expect(await isSignedIn()).toBe(true);
    house.advance(61);
    expect((await browser.get('/device')).location).toBe('/login?next=%2Fdevice');
  });

  test('step-up: a fresh sign-in asks the issuer for one, and is refused without its word', async () => {
    const begun = await browser.get('/login?fresh=1');
    const asked = new URL(begun.location ?? '').searchParams;
    expect([asked.get('prompt'), asked.get('max_age')]).toEqual(['login', '0']);
    expect((await browser.open(browser.chosen(begun.location ?? '', 'alice'))).status).toBe(200);
    const again = await browser.get('/login?fresh=1');
    const { workforce } = { workforce: house.issuers.issuer('workforce') };
    provider().lie(({ auth_time: _, ...claims }) => workforce.sign(claims));
    expect((await browser.open(browser.chosen(again.location ?? '', 'alice'))).status).toBe(400);
    const stale = await browser.get('/login?fresh=1');
    provider().lie((claims) => workforce.sign({ ...claims, auth_time: Number(claims.auth_time) - 600 }));
    expect((await browser.open(browser.chosen(stale.location ?? '', 'alice'))).status).toBe(400);
  });
});

describe('signing out', () => {
  test('I-9: a session that was ended is over everywhere, also for who kept a copy of the cookie', async () => {
    const page = await browser.signIn('alice');
    const copy = browserOf(house);
    copy.jar.set(SESSION, browser.jar.get(SESSION) ?? '');
    expect(await isSignedIn(copy)).toBe(true);
    const out = await browser.post('/logout', {}, page);
    expect(readOf(out)).toContain('You are signed out');
    expect(browser.jar.has(SESSION)).toBe(false);
    expect((await copy.get('/device')).location).toMatch(/^\/login/);
  });

  test('needs the form: another site can sign nobody out', async () => {
    await browser.signIn('alice');
    expect((await browser.post('/logout', {})).status).toBe(403);
    expect(await isSignedIn()).toBe(true);
  });

  test('without a session is harmless', async () => {
    expect((await browser.post('/logout', {})).status).toBe(200);
  });
});

describe('nobody is signed in', () => {
  const refused = async (back: string, status = 400) => {
    const shown = await browser.get(back);
    expect([shown.status, shown.location]).toEqual([status, undefined]);
    expect(browser.jar.has(SESSION)).toBe(false);
    // What was kept for the return is good for one, whatever came of it.
    expect(browser.jar.has(LOGIN)).toBe(false);
    return readOf(shown);
  };
  const begin = async () => (await browser.get('/login')).location ?? '';
  const altered = (back: string, change: Readonly<Record<string, string | undefined>>) => {
    const url = new URL(back, ISSUER);
    for (const [name, value] of Object.entries(change)) {
      if (value === undefined) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    return url.pathname + url.search;
  };

  test('login CSRF: with an answer to a sign-in that another browser began', async () => {
    const attacker = browserOf(house);
    const began = await attacker.get('/login');
    const back = attacker.chosen(began.location ?? '', 'dave');
    expect(await refused(back)).toContain('not begun in this browser');
    await begin();
    expect(await refused(back)).toContain('did not pass our checks');
  });

  test.each([
    ['another state', { state: 'x'.repeat(43) }],
    ['no state', { state: undefined }],
    ['no code', { code: undefined }],
    ['a code of nobody', { code: 'made-up' }],
    ['mix-up: another issuer in `iss`', { iss: 'https://evil.test' }],
    ['mix-up: no `iss` where the issuer always says it', { iss: undefined }],
  ])('with %s', async (_, change) => {
    await refused(altered(browser.chosen(await begin(), 'alice'), change));
  });

  test('with a code that was used already', async () => {
    const back = browser.chosen(await begin(), 'alice');
    const login = browser.jar.get(LOGIN) ?? '';
    expect((await browser.get(back)).status).toBe(303);
    browser.jar.clear();
    expect(await refused(back)).toContain('finished already');
    browser.jar.set(LOGIN, login);
    expect(await refused(back)).toContain('did not pass our checks');
  });

  test('after being away for longer than ten minutes', async () => {
    const back = browser.chosen(await begin(), 'alice');
    house.advance(601);
    expect(await refused(back)).toContain('longer than ten minutes');
  });

  test.each([
    ['the nonce of another sign-in', { nonce: 'n'.repeat(43) }],
    ['no nonce', { nonce: undefined }],
    ['the audience of the REST door', { aud: 'sallyport' }],
    ['our client among others', { aud: ['sallyport-web', 'other'] }],
    ['another authorized party', { azp: 'other' }],
    ['another issuer', { iss: 'https://evil.test' }],
    ['no subject', { sub: undefined }],
    ['an end that is past', { exp: 1_000_000_000 }],
  ])('with an ID token that has %s', async (_, change) => {
    const workforce = house.issuers.issuer('workforce');
    provider().lie((claims) =>
      workforce.sign(Object.fromEntries(Object.entries({ ...claims, ...change }).filter(([, v]) => v !== undefined))),
    );
    await refused(browser.chosen(await begin(), 'alice'));
  });

  test.each([
    ['no signature', 'unsigned'],
    ['somebody else’s signature', 'forged'],
    ['the public key as a secret', 'macWithPublicKey'],
  ] as const)('with an ID token that has %s', async (_, lie) => {
    const { lies } = house.issuers.issuer('workforce');
    provider().lie((claims) => (lie === 'macWithPublicKey' ? lies.macWithPublicKey(claims, 'pem') : lies[lie](claims)));
    await refused(browser.chosen(await begin(), 'alice'));
  });

  test('turned away at the issuer, and told so', async () => {
    const looked = provider().look(new URL(await begin()).searchParams);
    if (looked.kind !== 'ask') throw new Error('the issuer did not ask');
    const back = provider().decline(looked.ask).slice(ISSUER.length);
    expect(await refused(back, 403)).toContain('You did not sign in');
  });

  test('somebody the directory does not know: said, with what to add, and in the trail', async () => {
    const text = await refused(browser.chosen(await begin(), 'mallory"><b>'), 403);
    expect(text).toContain('You are not in the directory');
    expect(text).toContain('subject: { issuer: workforce, sub: "mallory\\"><b>" }');
    expect(trailOf(house, 'attempt.refused')).toMatchObject([{ reasonCode: 'subject_token_rejected' }]);
  });

  test('fault J1: with the issuer down, and told so', async () => {
    house.issuers.issuer('workforce').failDiscovery('error_500');
    expect(await refused('/login', 502)).toContain('does not answer');
    house.issuers.issuer('workforce').failDiscovery();
    expect((await browser.get('/login')).status).toBe(303);
  });

  test('where the policy does not say where: a page that says what to add', async () => {
    house.putPolicy(house.policyWith('login: { issuer: workforce, client_id: sallyport-web }', ''));
    for (const path of ['/login', '/login/callback?code=x&state=y', '/device']) {
      const shown = await browser.open(path);
      expect([shown.status, readOf(shown)]).toEqual([404, expect.stringContaining('Sign-in is not set up')]);
    }
  });
});

describe('a session is looked at anew at every request', () => {
  test('I-18: a person removed from the policy is nobody from then on', async () => {
    await browser.signIn('dave');
    house.putPolicy(
      house
        .policyWith('  - { id: dave@acme.test, name: Dave Diaz, subject: { issuer: workforce, sub: dave } }\n', '')
        .replaceAll('person:dave@acme.test', 'group:dba'),
    );
    const shown = await browser.open('/device');
    expect([shown.status, readOf(shown)]).toEqual([403, expect.stringContaining('You are not in the directory')]);
  });

  test('I-18: a disabled issuer, and a sign-in that moved to another issuer, end all sessions', async () => {
    await browser.signIn('alice');
    house.putPolicy(
      house.policyWith(
        'audience: sallyport, algorithms: [ES256]',
        'audience: sallyport, algorithms: [ES256], enabled: false',
      ),
    );
    expect((await browser.open('/device')).status).toBe(404);
  });

  test('I-18: where people sign in moved to another issuer: its people are others, whatever they are called', async () => {
    await browser.signIn('alice');
    const moved = house
      .policyWith(
        'issuers:\n',
        `issuers:\n  - { name: acquired, kind: workforce, issuer: "https://idp.other.test", audience: x, algorithms: [ES256] }\n`,
      )
      .replace('login: { issuer: workforce,', 'login: { issuer: acquired,')
      .replace(
        'people:\n',
        'people:\n  - { id: eve@other.test, name: Eve, subject: { issuer: acquired, sub: alice } }\n',
      );
    house.putPolicy(moved);
    const shown = await browser.open('/device');
    expect([shown.status, readOf(shown)]).toEqual([403, expect.not.stringContaining('Eve')]);
  });

  test.each([
    ['cut', (value: string) => value.slice(0, -5)],
    ['changed', (value: string) => `${value.slice(0, -20)}AAAAA${value.slice(-15)}`],
    ['made up', () => 'eyJhbGciOiJub25lIn0.e30.'],
    ['of a sign-in under way', () => 'login'],
  ])('a cookie that was %s is no session', async (_, change) => {
    await browser.signIn('alice');
    await browser.get('/login');
    const value = change(browser.jar.get(SESSION) ?? '');
    browser.jar.set(SESSION, value === 'login' ? (browser.jar.get(LOGIN) ?? '') : value);
    expect((await browser.get('/device')).location).toMatch(/^\/login/);
  });

  test('session fixation: signing in makes a new session, and a planted one beside it counts for nothing', async () => {
    const attacker = browserOf(house);
    await attacker.signIn('dave');
    const planted = attacker.jar.get(SESSION) ?? '';
    browser.jar.set(SESSION, planted);
    await browser.signIn('alice');
    expect(browser.jar.get(SESSION)).not.toBe(planted);
    expect(readOf(await browser.open('/device'))).toContain('Signed in as Alice Ahn');
    expect(readOf(await attacker.open('/device'))).toContain('Signed in as Dave Diaz');
    const both = `${SESSION}=${planted}; ${SESSION}=${browser.jar.get(SESSION)}`;
    browser.jar.clear();
    expect((await browser.get('/device', { cookie: both })).location).toMatch(/^\/login/);
  });
});

describe('open redirects', () => {
  test.each([
    'https://evil.test/',
    '//evil.test',
    '/\\evil.test',
    '/%2f%2fevil.test',
    '/device/../../evil',
    'javascript:alert(1)',
    '/device\r\nset-cookie: x=y',
    '/device#x',
    'device',
    '',
  ])('next=%j leads to a page of ours', async (next) => {
    const begun = await browser.get(`/login?${new URLSearchParams({ next })}`);
    const back = await browser.get(browser.chosen(begun.location ?? '', 'alice'));
    expect([back.status, back.location]).toEqual([303, '/device']);
  });
});

describe('every page', () => {
  test('goes out with headers that leave nothing to an attacker', async () => {
    const shown = await browser.signIn('alice');
    expect(shown.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'strict-transport-security': expect.any(String),
    });
    expect(shown.text).not.toMatch(/<script|style="| on\w+="/);
  });

  test('says what went wrong with an id to name, also when the database is away', async () => {
    await browser.signIn('alice');
    house.fail('sessions.isEnded');
    const shown = await browser.get('/device');
    expect([shown.status, shown.headers['retry-after']]).toEqual([503, '1']);
    expect(readOf(shown)).toContain(`name this id: ${shown.headers['x-correlation-id']}`);
  });

  test('has a name by its person that is text, whatever it says', async () => {
    house.putPolicy(house.policyWith('name: Alice Ahn', `name: "<img src=x onerror=alert(1)>\\u202e"`));
    const shown = await browser.signIn('alice');
    expect(shown.text).not.toContain('<img');
    expect(readOf(shown)).toContain('Signed in as <img src=x onerror=alert(1)>');
  });
});

test('X1: no secret of signing in is in the log', async () => {
  const begun = await browser.get('/login');
  const asked = new URL(begun.location ?? '').searchParams;
  const back = browser.chosen(begun.location ?? '', 'alice');
  await browser.open(back);
  const secrets = [
    asked.get('state'),
    asked.get('nonce'),
    new URL(back, ISSUER).searchParams.get('code'),
    browser.jar.get(SESSION),
  ];
  for (const secret of secrets) {
    expect(secret).toMatch(/./);
    expect(house.logged.join()).not.toContain(secret);
  }
});
