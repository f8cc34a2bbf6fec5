/** What browsers are told of our two cookies, and what of theirs we believe. */
import { expect, test } from '@jest/globals';
import { makeCookies } from './cookies.ts';

const https = makeCookies('https://sallyport.acme.test');
const http = makeCookies('http://localhost:8080');
const kept = { value: 'sealed', seconds: 60 };

test('over https no other host and no plain connection can set them; over http they have plain names', () => {
  expect(https.set('session', kept)).toBe(
    '__Host-sallyport=sealed; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure',
  );
  expect(http.set('session', kept)).toBe('sallyport=sealed; Path=/; HttpOnly; SameSite=Lax; Max-Age=60');
  expect(https.set('login')).toBe('__Host-sallyport-login=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure');
});

test('one is read by its whole name; two of a name are none', () => {
  expect(https.read('a=b; __Host-sallyport=sealed; c=d', 'session')).toBe('sealed');
  expect(https.read('__Host-sallyport-login=other', 'session')).toBeUndefined();
  expect(https.read('sallyport=planted', 'session')).toBeUndefined();
  expect(https.read('__Host-sallyport=one; __Host-sallyport=two', 'session')).toBeUndefined();
  expect(https.read(undefined, 'session')).toBeUndefined();
});
