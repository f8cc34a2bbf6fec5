/** Says what becomes of the key file: each state once, as long as it lasts. Kids only. */
import type { Logger, Metrics } from '@sallyport/platform';
import { type Followed, type KeySet, timeText } from '@sallyport/tokens';

export interface KeyReportOptions {
  readonly path: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

const LOGGED_MAX = 8;

/** `refused` is an alarm: the file cannot be followed, and the last good set stays in force. */
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

  return {
    refused(problems: readonly string[]): void {
      behindSinceMs ??= performance.now();
      if (!isNew(`refused ${problems.join('\n')}`)) return;
      metrics.signingKeysReloadFailuresTotal.inc();
      for (const detail of problems.slice(0, LOGGED_MAX)) logger.error('keys.refused', { file: path, detail });
    },
    followed({ waiting }: Followed, { signing, published }: KeySet): void {
      if (behindSinceMs !== undefined) logger.info('keys.good_again', { file: path });
      behindSinceMs = undefined;
      const kids = [signing.ES256.kid, signing.RS256?.kid, ...published.map((key) => key.kid)];
      if (!isNew(`followed ${[...kids, ...waiting.map((key) => key.kid)].join(' ')}`)) return;
      logger.info('keys.in_force', { key: signing.ES256.kid, count: published.length });
      if (signing.RS256 === undefined) logger.warn('keys.no_rs256', { detail: 'federation tokens are refused' });
      for (const { kid, signsFrom } of waiting) {
        logger.warn('keys.signer_waits', { key: kid, detail: `published too late, signs from ${timeText(signsFrom)}` });
      }
    },
  };
}
