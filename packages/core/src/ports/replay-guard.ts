/** ReplayGuard: what is good once is used up here, for all brokers alike. */
import type { OneTime } from './tokens.ts';

export interface ReplayGuard {
  /** Uses it up. False when somebody has before. Kept until `until`, at least. */
  first(used: OneTime): Promise<boolean>;
}
