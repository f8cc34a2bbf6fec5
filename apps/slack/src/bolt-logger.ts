/** Owns what of Slack's libraries reaches our log: warnings and errors by what was thrown, never what they print of a request. */
import type { Logger } from '@sallyport/platform';
import { LogLevel, type Logger as SlackLogger } from '@slack/bolt';

export type BoltLogger = SlackLogger;

/** A logger for Bolt and the Web API clients. Their texts may hold bodies, so only errors themselves are passed on. */
export function boltLogger(logger: Logger): BoltLogger {
  const errorIn = (said: readonly unknown[]) => said.find((one) => typeof one === 'object' && one !== null);
  const quiet = () => undefined;
  return {
    debug: quiet,
    info: quiet,
    warn: (...said) => logger.debug('slack.library_warning', { err: errorIn(said) }),
    error: (...said) => logger.warn('slack.library_error', { err: errorIn(said) }),
    setLevel: quiet,
    getLevel: () => LogLevel.ERROR,
    setName: quiet,
  };
}
