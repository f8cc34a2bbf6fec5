/** Owns reading cases as the server wrote them; one read before is not parsed and checked again. */
import type { AccessCase } from '@sallyport/core';
import { checkedOnce } from './checked-once.ts';
import type { RowMac } from './row-mac.ts';
import { readCase } from './rows.ts';

/** Reads a case as the server wrote it (CASE, as text). Throws what `readCase` throws. */
export type ReadCaseText = (text: string) => AccessCase;

const CASES_MAX = 1_000;

/** Makes a reader with a memory. */
export function makeReadCaseText(mac: RowMac): ReadCaseText {
  return checkedOnce(CASES_MAX, (text) => readCase(JSON.parse(text), mac));
}
