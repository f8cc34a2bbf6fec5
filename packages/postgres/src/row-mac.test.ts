/** Shows what a row MAC vouches for: this content, of this table, under this key. */
import { describe, expect, test } from '@jest/globals';
import type { StoreAlarm } from './alarms.ts';
import { makeRowMac } from './row-mac.ts';

const key = new Uint8Array(32).fill(1);

describe('row MACs', () => {
  test('the same content holds, whatever the order of its members', () => {
    const mac = makeRowMac(key, () => undefined);
    const seal = mac.seal('grants', { id: 'g', at: 1 });
    expect(() => mac.check('grants', 'g', { at: 1, id: 'g' }, seal)).not.toThrow();
  });

  test('I-25: other content, another table or another key is found, with an alarm', () => {
    const alarms: StoreAlarm[] = [];
    const mac = makeRowMac(key, (alarm) => alarms.push(alarm));
    const seal = mac.seal('grants', { id: 'g' });
    const other = makeRowMac(new Uint8Array(32).fill(2), () => undefined).seal('grants', { id: 'g' });
    expect(() => mac.check('grants', 'g', { id: 'h' }, seal)).toThrow(/mac_mismatch/);
    expect(() => mac.check('tokens', 'g', { id: 'g' }, seal)).toThrow(/mac_mismatch/);
    expect(() => mac.check('grants', 'g', { id: 'g' }, { ...seal, mac: '' })).toThrow(/mac_mismatch/);
    expect(() => mac.check('grants', 'g', { id: 'g' }, other)).toThrow(/unknown_key/);
    expect(alarms).toHaveLength(4);
    expect(alarms[0]).toEqual({ event: 'row.tampered', table: 'grants', rowId: 'g' });
  });

  test('a key that is too short is refused; neither seal nor key id shows the key', () => {
    expect(() => makeRowMac(new Uint8Array(31), () => undefined)).toThrow(RangeError);
    const seal = makeRowMac(key, () => undefined).seal('audit', {});
    expect(seal.key).toMatch(/^k[0-9a-f]{12}$/);
    expect(JSON.stringify(seal)).not.toContain(Buffer.from(key).toString('hex').slice(0, 12));
  });
});
