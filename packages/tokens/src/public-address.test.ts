/** X2: which addresses count as public. */
import { describe, expect, test } from '@jest/globals';
import { isLoopbackAddress, isPublicAddress, isWithinReach } from './public-address.ts';

test.each([
  ['93.184.216.34'],
  ['8.8.8.8'],
  ['172.15.255.255'],
  ['172.32.0.1'],
  ['2606:4700::1111'],
  ['64:ff9b::5db8:d822'],
])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  ['0.0.0.0'],
  ['10.1.2.3'],
  ['100.64.0.1'],
  ['127.0.0.1'],
  ['127.8.8.8'],
  ['169.254.169.254'],
  ['172.16.0.1'],
  ['172.31.255.255'],
  ['192.168.1.1'],
  ['198.18.0.1'],
  ['203.0.113.9'],
  ['224.0.0.1'],
  ['255.255.255.255'],
  ['::'],
  ['::1'],
  ['::ffff:8.8.8.8'],
  ['::ffff:127.0.0.1'],
  ['fc00::1'],
  ['fe80::1'],
  ['ff02::1'],
  ['2001:db8::1'],
  ['2002:a00:1::'],
  ['64:ff9b::a00:7'],
  ['64:ff9b::7f00:1'],
  ['64:ff9b::a9fe:a9fe'],
  ['::a00:7'],
  ['168.63.129.16'],
  ['localhost'],
  ['1'],
  ['0x7f.1'],
  [''],
])('%s is not', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test('loopback', () => {
  expect(['127.0.0.1', '127.255.255.254', '::1'].every(isLoopbackAddress)).toBe(true);
  expect(['128.0.0.1', '10.0.0.1', '::2', 'localhost', ''].some(isLoopbackAddress)).toBe(false);
});

describe('X2: in reach are', () => {
  const INSIDE = ['10.1.2.3', '172.16.0.1', '192.168.1.1', '100.64.0.1', 'fd12:3456::1'];
  const NEVER = ['169.254.169.254', 'fe80::1', '0.0.0.0', '::', '224.0.0.1', '255.255.255.255', '198.18.0.1', 'x', ''];
  const METADATA = ['169.254.169.254', '100.100.100.200', 'fd00:ec2::254', 'fd20:ce::254', '168.63.129.16'];
  const reached = (addresses: readonly string[], reach: { loopback: boolean; private: boolean }) =>
    addresses.filter((address) => isWithinReach(address, reach));

  test('public addresses always', () => {
    expect(isWithinReach('93.184.216.34', { loopback: false, private: false })).toBe(true);
  });

  test('loopback and private ones each where they are allowed', () => {
    expect(reached([...INSIDE, '127.0.0.1', '::1'], { loopback: false, private: false })).toEqual([]);
    expect(reached([...INSIDE, '127.0.0.1', '::1'], { loopback: true, private: false })).toEqual(['127.0.0.1', '::1']);
    expect(reached([...INSIDE, '127.0.0.1', '::1'], { loopback: false, private: true })).toEqual(INSIDE);
  });

  test('link-local, multicast and what clouds hand out credentials at, never', () => {
    expect(reached([...NEVER, ...METADATA], { loopback: true, private: true })).toEqual([]);
    expect(reached(['::ffff:10.0.0.7', '64:ff9b::a00:7'], { loopback: true, private: true })).toEqual([]);
  });
});
