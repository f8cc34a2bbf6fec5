/** Owns the ear at the store: LISTEN on a connection of its own, opened again when it breaks. A poll must go on beside it. */
import { Client } from 'pg';
import { REVOCATIONS_CHANNEL } from './revocations/ending.ts';
import { OUTBOX_CHANNEL } from './write-statement.ts';

export interface Listening {
  /** Whether it hears now. */
  hears(): boolean;
  stop(): Promise<void>;
}

const RECONNECT_MS_MIN = 250;
const RECONNECT_MS_MAX = 10_000;
/** A connection that died silently is found out by asking it something. */
const PULSE_MS = 10_000;
const ANSWER_MS = 2_000;

/** Hears of committed outbox rows. */
export function listenOutbox(url: string, onWake: () => void): Listening {
  return listenTo(url, OUTBOX_CHANNEL, onWake);
}

/** Hears of committed rows that end tokens before their time. */
export function listenRevocations(url: string, onWake: () => void): Listening {
  return listenTo(url, REVOCATIONS_CHANNEL, onWake);
}

/**
 * Calls `onWake` when somebody told the channel on commit, and once after every (re)connection, for what was missed meanwhile.
 * Never throws; while it hears nothing, the caller's poll finds the rows.
 */
function listenTo(url: string, channel: string, onWake: () => void): Listening {
  let client: Client | undefined;
  let stopped = false;
  let hearing = false;
  let delayMs = RECONNECT_MS_MIN;
  let timer: NodeJS.Timeout | undefined;

  function again(): void {
    hearing = false;
    clearTimeout(timer);
    client?.removeAllListeners();
    client?.on('error', () => undefined);
    client?.end().catch(() => undefined);
    client = undefined;
    if (stopped) return;
    timer = setTimeout(() => void connect(), delayMs);
    timer.unref();
    delayMs = Math.min(delayMs * 2, RECONNECT_MS_MAX);
  }

  async function connect(): Promise<void> {
    const mine = new Client({
      connectionString: url,
      application_name: 'sallyport listen',
      connectionTimeoutMillis: ANSWER_MS,
      query_timeout: ANSWER_MS,
      keepAlive: true,
    });
    client = mine;
    mine.on('error', again);
    mine.on('end', again);
    mine.on('notification', onWake);
    try {
      await mine.connect();
      await mine.query(`listen ${channel}`);
    } catch {
      if (client === mine) again();
      return;
    }
    if (stopped || client !== mine) return;
    hearing = true;
    delayMs = RECONNECT_MS_MIN;
    pulse(mine);
    onWake();
  }

  function pulse(mine: Client): void {
    timer = setTimeout(() => {
      mine.query('select 1').then(
        () => (client === mine && !stopped ? pulse(mine) : undefined),
        () => (client === mine ? again() : undefined),
      );
    }, PULSE_MS);
    timer.unref();
  }

  void connect();
  return {
    hears: () => hearing,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      const mine = client;
      client = undefined;
      hearing = false;
      mine?.removeAllListeners();
      mine?.on('error', () => undefined);
      await mine?.end().catch(() => undefined);
    },
  };
}
