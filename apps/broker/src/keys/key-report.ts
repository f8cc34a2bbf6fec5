/** Says what becomes of the key file: each state once, as long as it lasts. Kids and times only. */
import type { Logger, Metrics } from '@sallyport/platform';
import { type Followed, type KeySet, timeText } from '@sallyport/tokens';

export interface KeyReportOptions {
  readonly path: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

const LOGGED_MAX = 8;

/** What is wrong with the file is an alarm (level `error`), counted once, and shows in `signing_keys_behind_seconds` as long as it lasts. */
export function makeKeyReport({ path, logger, metrics }: KeyReportOptions) {
  let told = '';
  let behindSinceMs: number | undefined;
  metrics.beforeText(() => {
    const behindMs = behindSinceMs === undefined ? 0 : performance.now() - behindSinceMs;
    metrics.signingKeysBehindSeconds.set(behindMs / 1_000);
  });

  function isNew(state: string): boolean {
    const isOther = told !== state;
    told = state;
    return isOther;
  }

  function alarm(event: string, details: readonly string[]): void {
    metrics.signingKeysReloadFailuresTotal.inc();
    for (const detail of details.slice(0, LOGGED_MAX)) logger.error(event, { file: path, detail });
  }

  function sayKeys({ waiting, missing }: Followed, { signing, published }: KeySet): void {
    logger.info('keys.in_force', { key: signing.ES256.kid, count: published.length });
    if (signing.RS256 === undefined) logger.warn('keys.no_rs256', { detail: 'federation tokens are refused' });
    for (const { kid, signsFrom } of waiting) {
      logger.warn('keys.signer_waits', { key: kid, detail: `published too late, signs from ${timeText(signsFrom)}` });
    }
    const gone = missing.map(
      (key) => `${key.kid} is gone too soon, kept from memory until ${timeText(key.neededUntil)}`,
    );
    if (gone.length > 0) alarm('keys.missing', gone);
  }

  return {
    /** The last good set stays in force. */
    refused(problems: readonly string[]): void {
      behindSinceMs ??= performance.now();
      if (isNew(`refused ${problems.join('\n')}`)) alarm('keys.refused', problems);
    },
    followed(followed: Followed, set: KeySet): void {
      const isWhole = followed.missing.length === 0;
      if (isWhole && behindSinceMs !== undefined) logger.info('keys.good_again', { file: path });
      behindSinceMs = isWhole ? undefined : (behindSinceMs ?? performance.now());
      if (isNew(`followed ${stateOf(followed, set)}`)) sayKeys(followed, set);
    },
  };
}

function stateOf({ waiting, missing }: Followed, { signing, published }: KeySet): string {
  const lists = [[signing.ES256, signing.RS256], published, waiting, missing];
  return lists.map((keys) => keys.map((key) => key?.kid).join(' ')).join('\n');
}
