/** Row T15, with the real programs: a federation token from the command line, what other systems can verify, and what is left of it after a revocation. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EXIT } from '@sallyport/cli';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { type House, startHouse } from './house/house.ts';
import { type People, peopleOf } from './house/people.ts';
import { CLI, type Running, start } from './house/shell.ts';

const STAGING = 'https://staging.acme.test';
const FEDERATE = ['token', '--federate', '--audience', STAGING, '--scope', 'staging:deploy'];

let house: House;
let people: People;
beforeAll(async () => {
  house = await startHouse({ federates: true });
  people = peopleOf(house);
}, 120_000);
afterAll(() => house.stop(), 60_000);

async function cli(...more: string[]): Promise<Running> {
  const env = { SALLYPORT_ISSUER: house.issuer, SALLYPORT_TOKEN: await people.jobToken() };
  return start(CLI, [...FEDERATE, ...more], env);
}

/** As a system does that knows our metadata and nothing of our database. */
async function verify(token: string): Promise<Readonly<Record<string, unknown>>> {
  const keys = createRemoteJWKSet(new URL(`${house.issuer}/oauth/jwks`));
  const { payload } = await jwtVerify(token, keys, {
    issuer: house.issuer,
    audience: STAGING,
    algorithms: ['RS256'],
    requiredClaims: ['exp', 'iat', 'nbf', 'sub'],
  });
  return payload;
}

describe('sallyport token --federate', () => {
  let token = '';
  let grant = '';

  test('T15: is waited for while people decide, as kubectl wants it', async () => {
    const waiting = await cli('--format', 'kubernetes-exec', '--wait', '2m', '--reason', 'Deploy of 2031.6');
    await waiting.says('0 of 1 approvals');
    const id = /req_[0-9a-z]{26}/.exec(waiting.stderr())?.[0] ?? '';
    await people.rest('bob', 'POST', `/v1/access-requests/${id}/decisions`, { verdict: 'approve', revision: 1 });
    expect(await waiting.end()).toBe(EXIT.done);
    const { status } = JSON.parse(waiting.stdout()) as { status: { token: string; expirationTimestamp: string } };
    const claims = await verify(status.token);
    expect(claims).toMatchObject({ sub: 'workload:payments-deploy', target: 'staging', role: 'deploy' });
    expect(Date.parse(status.expirationTimestamp) / 1_000).toBe(claims.exp);
    token = status.token;
    grant = String(claims.grant_id);
  }, 60_000);

  test('T15: comes at once while the grant lives, and is of the same grant', async () => {
    const again = await cli();
    expect(await again.end()).toBe(EXIT.done);
    expect(await verify(again.stdout().trimEnd())).toMatchObject({ grant_id: grant });
  }, 30_000);

  test('T15: none of our own doors takes it', async () => {
    const called = await fetch(`${house.broker.url}/v1/grants`, { headers: { authorization: `Bearer ${token}` } });
    expect(called.status).toBe(401);
    for (const type of ['jwt', 'id_token', 'access_token']) {
      const subject_token_type = `urn:ietf:params:oauth:token-type:${type}`;
      const answer = await people.exchangeWith(token, {
        audience: STAGING,
        scope: 'staging:deploy',
        subject_token_type,
      });
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
    }
  });

  test('after a revocation there is no new one; the one that is out verifies until its end, minutes later', async () => {
    expect((await people.rest('bob', 'POST', `/v1/grants/${grant}/revoke`)).status).toBe(200);
    const refused = await cli();
    expect([await refused.end(), refused.stdout()]).toEqual([EXIT.notAllowed, '']);
    const { exp, iat } = await verify(token);
    expect(Number(exp) - Number(iat)).toBeLessThanOrEqual(300);
  }, 30_000);
});
