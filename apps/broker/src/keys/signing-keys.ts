/** The broker's signing keys: read at the start, followed while it runs. What is bad keeps the last good set in force. */
import { err, type Instant } from '@sallyport/core';
import { ConfigProblems, type Logger, type Metrics } from '@sallyport/platform';
import { type KeySet, type KeysInForce, type KeyWrapping, type LiveKeys, makeLiveKeys } from '@sallyport/tokens';
import { makeKeyReader, whyUnreadable } from './key-reader.ts';
import { makeKeyReport } from './key-report.ts';
import { makeKeyTrail } from './key-trail.ts';

export interface SigningKeysOptions {
  readonly path: string;
  /** Opens private halves that are encrypted. */
  readonly wrapping: KeyWrapping | undefined;
  /** Then a file that others may write, or read unencrypted, is refused. */
  readonly production: boolean;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly now: () => Instant;
  /** Writes into the trail that a set is in force; when it throws, the next look tries again. */
  readonly note: (set: KeySet) => Promise<void>;
}

export interface SigningKeyFile extends KeysInForce {
  /** Looks at the file now. */
  look(): Promise<void>;
  /** Looks now, every two seconds, and at SIGHUP. */
  start(): void;
  /** Looks no more, once the look in progress is done. */
  stop(): Promise<void>;
}

const LOOK_MS = 2_000;
const SETTING = 'SALLYPORT_SIGNING_KEYS';

/**
 * Reads the keys to start with.
 * @throws ConfigProblems when the file cannot be read or its keys are not fit: a broker never invents a key
 */
export async function openSigningKeys(options: SigningKeysOptions): Promise<SigningKeyFile> {
  const read = makeKeyReader(options);
  const live = makeLiveKeys(await firstSet(options.path, read), options.now());
  const look = makeLook(options, live, read);
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  const soon = (): void => {
    looking ??= look()
      .catch((thrown: unknown) => options.logger.error('keys.look_failed', { err: thrown }))
      .finally(() => {
        looking = undefined;
      });
  };
  return {
    current: live.current,
    look,
    start: () => {
      timer = setInterval(soon, LOOK_MS);
      timer.unref();
      process.on('SIGHUP', soon);
      soon();
    },
    stop: async () => {
      clearInterval(timer);
      process.off('SIGHUP', soon);
      await looking;
    },
  };
}

type Read = ReturnType<typeof makeKeyReader>;

async function firstSet(path: string, read: Read): Promise<KeySet> {
  const first = await read().catch((thrown: unknown) => {
    const next = `make one with: npx sallyport keys generate --out ${path}`;
    throw new ConfigProblems([{ name: SETTING, problem: `${whyUnreadable(thrown)}: ${path}; ${next}` }]);
  });
  if (first.ok) return first.value;
  throw new ConfigProblems(first.error.map((problem) => ({ name: SETTING, problem })));
}

/** One look: read, put in force what may be, say and note what came of it. */
function makeLook({ path, logger, metrics, now, note }: SigningKeysOptions, live: LiveKeys, read: Read) {
  const report = makeKeyReport({ path, logger, metrics });
  const trail = makeKeyTrail(note, logger);
  trail.due(live.current());
  return async (): Promise<void> => {
    const wanted = await read().catch((thrown: unknown) => err([whyUnreadable(thrown)]));
    const followed = wanted.ok ? live.follow(wanted.value, now()) : wanted;
    if (!followed.ok) report.refused(followed.error);
    else {
      report.followed(followed.value, live.current());
      if (followed.value.changed) trail.due(live.current());
    }
    await trail.write();
  };
}
