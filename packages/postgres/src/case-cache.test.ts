/** Tests of the memory of checked cases: it saves work on the same text, and trusts no other. */
import { expect, test } from '@jest/globals';
import { aLiveGrant, aPendingCase } from '@sallyport/testkit';
import type { StoreAlarm } from './alarms.ts';
import { makeReadCaseText } from './case-cache.ts';
import { makeRowMac } from './row-mac.ts';
import { decisionRow, grantRow, requestRow } from './rows.ts';

function makeReader() {
  const alarms: StoreAlarm[] = [];
  const mac = makeRowMac(new Uint8Array(32).fill(1), (alarm) => alarms.push(alarm));
  const textOf = (c: ReturnType<typeof aPendingCase>): string =>
    JSON.stringify({
      request: requestRow(c, mac),
      decisions: c.decisions.map((decision) => decisionRow(c.request.id, decision, mac)),
      grant: c.grant === undefined ? null : grantRow(c.grant, mac),
    });
  return { read: makeReadCaseText(mac), textOf, alarms };
}

test('the same text is the same case, and nobody can change it', () => {
  const { read, textOf } = makeReader();
  const c = aPendingCase();
  const seen = read(textOf(c));
  expect(seen).toEqual(c);
  expect(read(textOf(c))).toBe(seen);
  expect(() => {
    (seen.request as { revision: number }).revision = 2;
  }).toThrow(TypeError);
  expect(() => (seen.request.access.scopes as unknown as string[]).push('more')).toThrow(TypeError);
});

test('I-25: one changed character is checked anew and refused, however often the right text was read', () => {
  const { read, textOf, alarms } = makeReader();
  const text = textOf(aLiveGrant());
  read(text);
  const longer = text.replace(/"expires_at":"(\d{4})/g, (_, year) => `"expires_at":"${Number(year) + 1}`);
  expect(longer).not.toBe(text);
  for (let times = 0; times < 2; times++) expect(() => read(longer)).toThrow('is not what was written');
  expect(alarms).toHaveLength(2);
  expect(read(text).grant?.status.state).toBe('active');
});

test('what is not asked for is forgotten: the memory is bounded', () => {
  const { read, textOf } = makeReader();
  const text = textOf(aPendingCase());
  const seen = read(text);
  for (let others = 0; others < 2_100; others++) read(textOf(aPendingCase({ justification: `reason ${others}` })));
  expect(read(text)).not.toBe(seen);
  expect(read(text)).toEqual(seen);
});
