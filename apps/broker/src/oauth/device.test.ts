/** P24: the device flow (RFC 8628) as a device sees it: it begins with a client id and a scope, shows a code, polls, and gets one token. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, ISSUER, startBrokerHouse } from '../testing/broker-house.ts';
import { claimsIn, SECRET, trailOf } from '../testing/callers.ts';
import { DEVICE, devicesOf, WHY } from '../testing/devices.ts';
import { browserOf, type WebBrowser } from '../testing/web-browser.ts';

let house: BrokerHouse;
let device: ReturnType<typeof devicesOf>;
let alice: WebBrowser;

beforeEach(async () => {
  house = await startBrokerHouse();
  device = devicesOf(house);
  alice = browserOf(house);
});
afterEach(() => house.close());

/** The request that a confirmed device waits for. */
const requestOf = () => [...house.world.store.cases.values()].at(-1)?.case.request.id;

describe('P24: beginning', () => {
  test('a psql-like client sends its id and a scope, and gets what it needs to go on', async () => {
    const { answer } = await device.begin();
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body).toEqual({
      device_code: expect.stringMatching(/^[\w-]{43}$/),
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      verification_uri: `${ISSUER}/device`,
      verification_uri_complete: `${ISSUER}/device?user_code=${answer.body.user_code}`,
      expires_in: 600,
      interval: 5,
    });
    expect(String(answer.body.verification_uri)).toMatch(/^https:/);
  });

  test('neither code is kept as it is sent, and neither is in a log', async () => {
    const { deviceCode, userCode } = await device.begin();
    await device.poll(deviceCode);
    expect(JSON.stringify([...house.world.store.devices.keys()])).not.toContain(deviceCode);
    expect(house.logged.join()).not.toContain(deviceCode);
    expect(house.logged.join()).not.toContain(userCode);
  });

  test.each([
    ['no scope', { scope: '' }, 'invalid_request'],
    ['a scope of no resource', { scope: 'nothing:read' }, 'invalid_target'],
    ['scopes of two resources', { scope: 'orders:read metrics:read' }, 'invalid_target'],
    ['openid', { scope: 'openid' }, 'invalid_target'],
    ['a target without that scope', { audience: 'https://metrics.acme.test' }, 'invalid_scope'],
    ['an unknown target', { audience: 'https://nowhere.test' }, 'invalid_target'],
    ['a relative resource', { resource: '/orders' }, 'invalid_target'],
    ['two targets', { audience: 'orders-db', resource: 'https://metrics.acme.test' }, 'invalid_target'],
    ['a scope that is none', { scope: '"' }, 'invalid_scope'],
    ['details nobody declared', { authorization_details: '[{"type":"x"}]' }, 'invalid_authorization_details'],
    ['a length that is none', { requested_duration: 'soon' }, 'invalid_request'],
    ['another client’s name', { client_id: 'nobody' }, 'invalid_client'],
    ['a client that may not', { client_id: 'ci' }, 'unauthorized_client'],
  ])('%s is refused, and no code is handed out', async (_, params, error) => {
    const { answer } = await device.begin(params);
    expect([answer.status, answer.body.error]).toEqual([400, error]);
    expect(house.world.store.devices.size).toBe(0);
    expect(trailOf(house, 'attempt.refused')).toHaveLength(1);
  });

  test('the target by audience, by id and by resource; a client with a secret proves it', async () => {
    for (const params of [
      { audience: 'orders-db' },
      { audience: 'https://orders-db.acme.test' },
      { resource: 'https://orders-db.acme.test' },
    ])
      expect((await device.begin(params)).answer.status).toBe(200);
    const headers = device.basic('ci-runner', SECRET);
    expect((await device.begin({ client_id: 'ci-runner' }, headers)).answer.status).toBe(200);
    expect((await device.begin({ client_id: 'ci-runner' })).answer.body.error).toBe('invalid_client');
  });

  test('flooding is bounded, by client and address', async () => {
    const answers = [];
    for (let count = 0; count < 61; count++) answers.push((await device.begin()).answer.status);
    expect(answers.filter((status) => status === 200)).toHaveLength(60);
    expect(answers.at(-1)).toBe(429);
  });

  test('the request is nobody’s yet: nobody is asked, nothing is opened', async () => {
    await device.begin();
    expect(house.world.store.cases.size).toBe(0);
    expect(house.world.store.outbox).toEqual([]);
  });
});

describe('P24: advertised only where it works', () => {
  const metadata = async () =>
    (await house.app.inject({ url: '/.well-known/openid-configuration' })).json() as Record<string, unknown>;

  test('where people can sign in and a client may ask', async () => {
    expect(await metadata()).toMatchObject({
      device_authorization_endpoint: `${ISSUER}/oauth/device_authorization`,
      grant_types_supported: expect.arrayContaining([DEVICE]),
    });
  });

  test.each([
    ['without login', (text: string) => text.replace(/^login:.*\n/m, '')],
    [
      'without a client that may',
      (text: string) =>
        text.replaceAll('device]', 'token-exchange]').replaceAll('deferred, token-exchange]', 'deferred]'),
    ],
  ])('%s it is neither said nor served', async (_, change) => {
    house.putPolicy(change(house.policyWith('version: 1', 'version: 1')));
    const said = await metadata();
    expect(said.device_authorization_endpoint).toBeUndefined();
    expect(said.grant_types_supported).not.toContain(DEVICE);
    expect((await device.begin()).answer.status).toBe(404);
  });
});

describe('P24: polling', () => {
  test('pending until somebody takes it on, pending until they are approved, then one token, and the same once more', async () => {
    const { deviceCode, userCode } = await device.begin();
    const early = await device.pollLater(deviceCode);
    expect([early.status, early.body]).toEqual([
      400,
      { error: 'authorization_pending', error_description: expect.any(String), interval: 5 },
    ]);
    await alice.signIn('alice');
    await device.confirm(alice, userCode);
    const id = requestOf();
    expect((await device.pollLater(deviceCode)).body).toMatchObject({ error: 'authorization_pending', request_id: id });
    await device.approveBoth(id);
    const token = await device.poll(deviceCode);
    expect([token.status, token.body]).toMatchObject([
      200,
      { token_type: 'Bearer', scope: 'orders:read', request_id: id },
    ]);
    expect(claimsIn(token)).toMatchObject({
      sub: 'person:alice@acme.test',
      client_id: 'psql',
      aud: 'https://orders-db.acme.test',
      scope: 'orders:read',
    });
    const again = await device.poll(deviceCode);
    expect([again.status, claimsIn(again).jti]).toEqual([200, claimsIn(token).jti]);
    house.advance(31);
    expect((await device.poll(deviceCode)).body.error).toBe('invalid_grant');
    expect(trailOf(house, 'token.issued')).toHaveLength(1);
  });

  test('a rule that approves by itself: the token is there with the next poll', async () => {
    const { deviceCode, userCode } = await device.begin({ scope: 'metrics:read' });
    const dan = browserOf(house);
    await dan.signIn('dan');
    await device.confirm(dan, userCode, { choice: 'continue' });
    expect(claimsIn(await device.poll(deviceCode))).toMatchObject({
      sub: 'person:dan@acme.test',
      scope: 'metrics:read',
    });
  });

  test('P6: sooner than the interval is slow_down, and the interval grows by five seconds; taking it on forgives nothing', async () => {
    const { deviceCode, userCode } = await device.begin();
    house.advance(1);
    expect((await device.poll(deviceCode)).body).toMatchObject({ error: 'slow_down', interval: 10 });
    await alice.signIn('alice');
    await device.confirm(alice, userCode);
    house.advance(5);
    expect((await device.poll(deviceCode)).body).toMatchObject({ error: 'slow_down', interval: 15 });
    house.advance(16);
    expect((await device.poll(deviceCode)).body).toMatchObject({ error: 'authorization_pending', interval: 15 });
  });

  test('P8: turned away it is access_denied, again and again, and the trail says who did', async () => {
    const { deviceCode, userCode } = await device.begin();
    await alice.signIn('alice');
    await device.confirm(alice, userCode, { choice: 'deny' });
    for (let times = 0; times < 3; times++)
      expect((await device.pollLater(deviceCode)).body).toMatchObject({
        error: 'access_denied',
        error_description: 'denied',
      });
    expect(house.world.store.cases.size).toBe(0);
    expect(trailOf(house, 'attempt.refused')[0]).toMatchObject({
      reasonCode: 'request_closed',
      actor: 'person:alice@acme.test',
    });
  });

  test('nobody in ten minutes: expired_token', async () => {
    const { deviceCode } = await device.begin();
    house.advance(601);
    expect((await device.poll(deviceCode)).body.error).toBe('expired_token');
  });

  test('taken on in time it is polled on after the ten minutes', async () => {
    const { deviceCode, userCode } = await device.begin();
    await alice.signIn('alice');
    await device.confirm(alice, userCode);
    house.advance(1_200);
    expect((await device.poll(deviceCode)).body.error).toBe('authorization_pending');
    await device.approveBoth(requestOf());
    expect((await device.poll(deviceCode)).status).toBe(200);
  });

  test('denied by an approver it is access_denied', async () => {
    const { deviceCode, userCode } = await device.begin();
    await alice.signIn('alice');
    await device.confirm(alice, userCode);
    await device.decide('bob', requestOf(), { verdict: 'deny', reason: 'not today' });
    expect((await device.poll(deviceCode)).body).toMatchObject({ error: 'access_denied', error_description: 'denied' });
  });

  test('P10: another client’s code and one that never was are one answer, byte for byte', async () => {
    const { deviceCode } = await device.begin();
    const headers = device.basic('ci-runner', SECRET);
    const other = await device.poll(deviceCode, { client_id: 'ci-runner' }, headers);
    const unknown = await device.poll('x'.repeat(43));
    expect([other.status, other.text]).toEqual([400, unknown.text]);
    expect(other.body.error).toBe('invalid_grant');
    expect((await device.pollLater(deviceCode)).body.error).toBe('authorization_pending');
  });

  test('P12 P23: a poll says nothing of the ask, and a device code is no other kind of handle', async () => {
    const { deviceCode, userCode } = await device.begin({ client_id: 'ci-runner' }, device.basic('ci-runner', SECRET));
    const headers = device.basic('ci-runner', SECRET);
    const poll = (params: Record<string, string>) =>
      device.form('/oauth/token', { client_id: 'ci-runner', ...params }, { ...headers, prefer: 'wait=0' });
    expect((await poll({ grant_type: DEVICE, device_code: deviceCode, scope: 'orders:read' })).body.error).toBe(
      'invalid_request',
    );
    expect((await poll({ grant_type: DEVICE })).body.error).toBe('invalid_request');
    await alice.signIn('alice');
    await device.confirm(alice, userCode);
    const deferral = { grant_type: 'urn:ietf:params:oauth:grant-type:deferred', deferral_code: deviceCode };
    expect((await poll(deferral)).body.error).toBe('invalid_grant');
  });

  test('P13: the device gives up and gives its code back: the request it made is taken back', async () => {
    const { deviceCode, userCode } = await device.begin();
    await alice.signIn('alice');
    await device.confirm(alice, userCode);
    expect((await device.revoke(deviceCode, { client_id: 'psql' })).status).toBe(200);
    expect((await device.poll(deviceCode)).body.error).toBe('access_denied');
    expect(house.world.store.cases.get(requestOf() as never)?.case.request.status.state).toBe('canceled');
  });

  test.each([
    [
      'the person',
      '  - { id: alice@acme.test, name: Alice Ahn,',
      '  - { id: alice@acme.test, name: Alice Ahn, enabled: false,',
      'access_denied',
    ],
    ['the client', '{ id: psql, auth: none,', '{ id: psql, enabled: false, auth: none,', 'invalid_client'],
    [
      'the resource',
      '    name: Orders database (production)',
      '    enabled: false\n    name: Orders database (production)',
      'access_denied',
    ],
  ])('P15: approved, then %s is removed: no token', async (_, from, to, error) => {
    const { deviceCode, userCode } = await device.begin();
    await alice.signIn('alice');
    await device.confirm(alice, userCode);
    await device.approveBoth(requestOf());
    house.putPolicy(house.policyWith(from, to));
    expect((await device.poll(deviceCode)).body.error).toBe(error);
    expect(trailOf(house, 'token.issued')).toHaveLength(0);
  });

  test('P16: two polls at once after the approval: one token', async () => {
    const { deviceCode, userCode } = await device.begin();
    await alice.signIn('alice');
    await device.confirm(alice, userCode);
    await device.approveBoth(requestOf());
    const [one, two] = await Promise.all([device.poll(deviceCode), device.poll(deviceCode)]);
    expect(claimsIn(one).jti).toBe(claimsIn(two).jti);
    expect(trailOf(house, 'token.issued')).toHaveLength(1);
  });

  test('P26: a poll is held from when it is taken on, and not before', async () => {
    const { deviceCode, userCode } = await device.begin();
    const isHeld = async () => {
      let seen = 0;
      const watch = setInterval(() => {
        seen = Math.max(seen, house.heldNow());
      }, 1);
      house.advance(6);
      const answer = await device.poll(deviceCode, {}, { prefer: 'wait=20' });
      clearInterval(watch);
      return [answer.body.error, seen];
    };
    expect(await isHeld()).toEqual(['authorization_pending', 0]);
    await alice.signIn('alice');
    await device.confirm(alice, userCode);
    expect(await isHeld()).toEqual(['authorization_pending', 1]);
  });

  test('the reason of the card is what the person said, not what the device sent', async () => {
    const { userCode } = await device.begin({ reason: 'trust me, this is fine' });
    await alice.signIn('alice');
    await device.confirm(alice, userCode);
    const [stored] = house.world.store.cases.values();
    expect(stored?.case.request).toMatchObject({ justification: WHY, door: 'oauth', clientId: 'psql' });
  });
});

describe('P11 P18: with a key', () => {
  test('the key of the beginning is the key of the polls and of the token', async () => {
    const { generateKeyPair, exportJWK, SignJWT, calculateJwkThumbprint } = await import('jose');
    const keyOf = async () => {
      const { privateKey, publicKey } = await generateKeyPair('ES256');
      const jwk = await exportJWK(publicKey);
      const proof = (path: string) =>
        new SignJWT({ htm: 'POST', htu: ISSUER + path, jti: `${Math.random()}` })
          .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
          .setIssuedAt(Math.floor(house.world.clock.now() / 1_000))
          .sign(privateKey);
      return { proof, jkt: await calculateJwkThumbprint(jwk) };
    };
    const [mine, other] = [await keyOf(), await keyOf()];
    const { deviceCode, userCode } = await device.begin({}, { dpop: await mine.proof('/oauth/device_authorization') });
    house.advance(6);
    expect((await device.poll(deviceCode)).body.error).toBe('invalid_request');
    const foreign = await device.poll(deviceCode, {}, { dpop: await other.proof('/oauth/token') });
    expect(foreign.body.error).toBe('invalid_dpop_proof');
    await alice.signIn('alice');
    await device.confirm(alice, userCode);
    await device.approveBoth(requestOf());
    const token = await device.poll(deviceCode, {}, { dpop: await mine.proof('/oauth/token') });
    expect(token.body.token_type).toBe('DPoP');
    expect(claimsIn(token).cnf).toEqual({ jkt: mine.jkt });
  });
});
