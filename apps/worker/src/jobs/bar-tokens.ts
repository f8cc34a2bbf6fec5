/** After a change of the policy: tells which live tokens it no longer allows, to those who only verify them. */
import type { Attribution, BarTokens, Policy } from '@sallyport/core';
import type { Logger } from '@sallyport/platform';

export interface BarTokensJobDeps {
  readonly barTokens: BarTokens;
  /** The policy in force, if one was seen. */
  readonly policy: () => Policy | undefined;
  readonly logger: Logger;
  readonly monotonicMs: () => number;
}

/** What was issued under the version before may be committed a moment after the change: longer than any statement may take. */
const AGAIN_AFTER_MS = 10_000;
const BY: Attribution = { door: 'worker', traceId: 'bar-tokens' };

/**
 * Builds the look of the loop. With each version of the policy, and when the worker starts, it goes through all live tokens
 * at once, and once more when nothing of the version before can come any more. What failed is done at the next look.
 */
export function makeBarTokensJob({ barTokens, policy, logger, monotonicMs }: BarTokensJobDeps): () => Promise<void> {
  let done: string | undefined;
  let againAtMs: number | undefined;
  return async () => {
    const version = policy()?.version;
    const isNew = version !== done;
    if (version === undefined || !(isNew || (againAtMs !== undefined && monotonicMs() >= againAtMs))) return;
    const beganMs = monotonicMs();
    const count = await barTokens(BY);
    if (count > 0) logger.info('tokens.barred', { count, version });
    done = version;
    againAtMs = isNew ? beganMs + AGAIN_AFTER_MS : undefined;
  };
}
