/** What every OAuth refusal must look like, besides its code. */
import { expect } from '@jest/globals';
import type { BrokerHouse } from './broker-house.ts';
import type { Answer } from './callers.ts';

const DESCRIPTION = /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/;

/** 400 (or `status`), JSON, not cached, a description in the charset of RFC 6749, no challenge, no token. */
export function expectRefusal(house: BrokerHouse, answer: Answer, error: string, status = 400): void {
  expect([answer.status, answer.body.error]).toEqual([status, error]);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(String(answer.body.error_description)).toMatch(DESCRIPTION);
  expect(answer.headers['www-authenticate']).toBe(undefined);
  expect(answer.body.access_token).toBe(undefined);
  expect(answer.text.length).toBeLessThanOrEqual(1_024);
  expect(house.logged.join('').includes('http.bug')).toBe(false);
}
