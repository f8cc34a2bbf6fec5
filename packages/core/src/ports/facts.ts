/** Facts: what the ledger remembers around a request, for those who decide it. Nothing is judged by it. */

import type { History } from '../domain/history.ts';
import type { RequestId } from '../domain/ids.ts';

export interface Facts {
  /** One bounded read (HISTORY_MAX); undefined: there is no such request. */
  history(id: RequestId): Promise<History | undefined>;
}
