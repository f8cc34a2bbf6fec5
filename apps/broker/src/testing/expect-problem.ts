/** What every refusal of the REST door must look like, besides its code; and that a refused command leaves one row in the trail. */
import { expect } from '@jest/globals';
import { bearerChallenge } from '../oauth/protected-resource.ts';
import { type BrokerHouse, ISSUER } from './broker-house.ts';
import { type Answer, trailOf } from './callers.ts';

/** problem+json (RFC 9457) with this status and code, not cached, small, with the correlation id, and no cause. */
export function expectProblem(answer: Answer, status: number, code: string): void {
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.body).toMatchObject({ type: 'about:blank', status, title: expect.stringMatching(/./) });
  expect(answer.body.trace_id).toBe(answer.headers['x-correlation-id']);
  expect(answer.headers['www-authenticate']).toBe(status === 401 ? bearerChallenge(ISSUER) : undefined);
  expect(answer.text.length).toBeLessThanOrEqual(1_024);
  expect(answer.text).not.toMatch(/\bat .*\.[tj]s|node_modules|select |access_token/i);
}

/** Makes a call that must be refused like this, and leave exactly one row of the attempt, and no other. */
export async function expectRefused(
  house: BrokerHouse,
  calling: Promise<Answer>,
  status: number,
  code: string,
): Promise<Answer> {
  const before = house.world.store.audit.length;
  const answer = await calling;
  expectProblem(answer, status, code);
  const rows = house.world.store.audit.slice(before);
  expect(rows.map(({ type, reasonCode }) => [type, reasonCode])).toEqual([['attempt.refused', code]]);
  return answer;
}

/** The body without what differs in every answer. */
export function anonymous({ status, body }: Answer): object {
  const { trace_id: _traceId, ...rest } = body;
  return { status, ...rest };
}

/** How many rows the trail has of a kind. */
export function countOf(house: BrokerHouse, type: string): number {
  return trailOf(house, type).length;
}
