/** Owns the question whether something that was thrown is an Error, from whatever realm it comes. */
import { types } from 'node:util';

/** True for every Error; `instanceof` misses those of another realm (a vm context, as in tests). */
export function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || types.isNativeError(thrown);
}

/** The `code` of an error of Node or of a driver (`ECONNREFUSED`), if it has one that is a text. */
export function errorCode(thrown: unknown): string | undefined {
  return isError(thrown) && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}
