/** Status lists: read here with zlib and a shift, as the draft describes it, and by nothing of ours. */
import { inflateSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { instant, STATUS_LIST_LENGTH } from '@sallyport/core';
import fc from 'fast-check';
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import { generateSigningKey } from './generate-key.ts';
import { jwksDocument } from './jwks-document.ts';
import { type KeySet, parseKeySet } from './key-set.ts';
import { fixedKeys } from './live-keys.ts';
import { makeSigner } from './signer.ts';
import { encodeStatusList, makeStatusListSigner } from './status-list.ts';
import { someFacts } from './test-support/facts.ts';

const ISSUER = 'https://sallyport.acme.test';
const NOW = instant(1_800_000_000_250);

/** draft-ietf-oauth-status-list section 4.1: bit 0 is the lowest of the first byte. */
const bitOf = (lst: string, index: number): number => {
  const bytes = inflateSync(Buffer.from(lst, 'base64url'));
  return (bytes.readUInt8(Math.floor(index / 8)) >> (index % 8)) & 1;
};

describe('the bits', () => {
  test('are those of the example in the draft, section 4.2', () => {
    const ended = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1].flatMap((bit, index) => (bit === 1 ? [index] : []));
    expect(inflateSync(Buffer.from(encodeStatusList(ended, 16), 'base64url')).toString('hex')).toBe('b9a3');
    expect(encodeStatusList(ended, 16)).toBe('eNrbuRgAAhcBXQ');
  });

  test('I-9: are set for exactly those that ended', () => {
    const index = fc.nat({ max: STATUS_LIST_LENGTH - 1 });
    fc.assert(
      fc.property(fc.uniqueArray(index, { maxLength: 200 }), fc.array(index, { maxLength: 50 }), (ended, others) => {
        const lst = encodeStatusList(ended);
        const bytes = inflateSync(Buffer.from(lst, 'base64url'));
        expect(bytes).toHaveLength(STATUS_LIST_LENGTH / 8);
        const set = bytes.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
        expect(set).toBe(ended.length);
        for (const one of [...ended, ...others]) expect(bitOf(lst, one)).toBe(ended.includes(one) ? 1 : 0);
      }),
      { numRuns: 50 },
    );
  });

  test('a list of which nothing ended is short, one of which all ended too', () => {
    expect(encodeStatusList([]).length).toBeLessThan(100);
    expect(encodeStatusList(Array.from({ length: STATUS_LIST_LENGTH }, (_, index) => index)).length).toBeLessThan(100);
  });

  test.each([-1, STATUS_LIST_LENGTH, 0.5])('there is no bit %d', (index) => {
    expect(() => encodeStatusList([index])).toThrow('no such bit');
  });
});

describe('the document', () => {
  let keys: KeySet;
  beforeAll(async () => {
    const parsed = await parseKeySet(JSON.stringify({ keys: [await generateSigningKey()] }));
    if (!parsed.ok) throw new Error(parsed.error.join());
    keys = parsed.value;
  });

  test('says of which list it is, when it was made, and how long to go by it', async () => {
    const jwt = await makeStatusListSigner({ issuer: ISSUER, keys: fixedKeys(keys) })({ list: 3, ended: [7], at: NOW });
    const jwks = createLocalJWKSet(jwksDocument(keys) as unknown as JSONWebKeySet);
    const { payload, protectedHeader } = await jwtVerify(jwt, jwks, { currentDate: new Date(NOW) });
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'statuslist+jwt', kid: keys.signing.ES256.kid });
    expect(payload).toEqual({
      sub: `${ISSUER}/oauth/status-lists/3`,
      iat: 1_800_000_000,
      exp: 1_800_000_060,
      ttl: 30,
      status_list: { bits: 1, lst: encodeStatusList([7]) },
    });
  });

  test('a token names its bit by the very address that is the list’s subject', async () => {
    const facts = someFacts(NOW, { status: { list: 3, index: 131_071 } });
    const claims = decodeJwt(await makeSigner({ issuer: ISSUER, keys: fixedKeys(keys) }).sign(facts));
    expect(claims.status).toEqual({ status_list: { idx: 131_071, uri: `${ISSUER}/oauth/status-lists/3` } });
  });
});
