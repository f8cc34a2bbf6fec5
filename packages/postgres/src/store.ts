/** Owns what every adapter of this package works with. */
import type { Clock } from '@sallyport/core';
import type { ReadCaseText } from './case-cache.ts';
import type { PolicyVersions } from './moments.ts';
import type { Pool } from './pool.ts';
import type { RowMac } from './row-mac.ts';

export interface Store {
  readonly pool: Pool;
  readonly mac: RowMac;
  readonly policies: PolicyVersions;
  readonly clock: Clock;
  readonly readCaseText: ReadCaseText;
}
