/** A world of keys for tests: one file, brokers that follow it, the tokens they sign, and every JWKS anybody may still hold. No clock but its own. */
import { after, type Instant, instant, minutes, seconds } from '@sallyport/core';
import { generateEntry } from '../generate-key.ts';
import { type KeyEntry, type KeyFile, spellKeyFile } from '../key-file.ts';
import { dropPast, inTurn, lacksNext, promoteDue, publish } from '../key-rotation.ts';
import { type KeySet, parseKeySet } from '../key-set.ts';
import { type LiveKeys, makeLiveKeys } from '../live-keys.ts';

const START = instant(Date.parse('2030-01-01T00:00:00Z'));
const TTL_MAX = minutes(60);
const CACHED = seconds(300);

/** A JWKS that a verifier may hold: last served at `servedUntil`. */
interface Served {
  readonly kids: ReadonlySet<string>;
  readonly servedUntil: Instant;
}

interface Broker {
  live: LiveKeys;
}

export interface KeyWorld {
  readonly brokers: readonly Broker[];
  now(): Instant;
  file(): KeyFile;
  /** Puts another file there; brokers see it when they look. */
  write(file: KeyFile): Promise<void>;
  /** What `sallyport keys rotate` does. */
  rotate(): Promise<void>;
  /** Lets a broker look at the file. Returns why it refuses it. */
  look(broker: number): readonly string[];
  /** Ends a broker and starts it again on the file. */
  restart(broker: number): void;
  /** Time goes by; brokers look every two seconds, and sign before and after. */
  pass(ms: number): void;
  /** Live tokens that some JWKS of the last 300 s cannot verify. */
  unverifiable(): readonly string[];
  fresh(): KeyEntry;
  tokensSigned(): number;
}

/** Keys are slow to make: a test makes a pool once. */
export function keyPool(size: number): Promise<readonly KeyEntry[]> {
  return Promise.all(Array.from({ length: size }, () => generateEntry('ES256', START)));
}

const parsedSets = new Map<string, Awaited<ReturnType<typeof parseKeySet>>>();

async function parsed(file: KeyFile): Promise<Awaited<ReturnType<typeof parseKeySet>>> {
  const text = spellKeyFile(file);
  const known = parsedSets.get(text) ?? (await parseKeySet(text));
  if (parsedSets.size < 5_000) parsedSets.set(text, known);
  return known;
}

/** A world with one signing key. */
export async function keyWorld(pool: readonly KeyEntry[], brokerCount = 2): Promise<KeyWorld> {
  let now = START;
  let used = 0;
  let signed = 0;
  let served: Served[] = [];
  let tokens: { readonly kid: string; readonly end: Instant }[] = [];
  const fresh = (): KeyEntry => {
    const key = pool[used++ % pool.length];
    if (key === undefined) throw new Error('an empty pool');
    return key;
  };
  let file = publish({ keys: [], revoked: [] }, fresh(), now).file;
  let wanted = await parsed(file);
  const begin = (): LiveKeys => makeLiveKeys(fit(wanted), now);
  const brokers: Broker[] = Array.from({ length: brokerCount }, () => ({ live: begin() }));

  const serve = ({ live }: Broker): void => {
    served.push({ kids: new Set(live.current().published.map((key) => key.kid)), servedUntil: now });
  };
  const sign = ({ live }: Broker): void => {
    signed += 1;
    tokens.push({ kid: live.current().signing.ES256.kid, end: after(now, TTL_MAX) });
  };
  const at = (index: number): Broker => {
    const broker = brokers[index];
    if (broker === undefined) throw new Error('no such broker');
    return broker;
  };
  const look = (index: number): readonly string[] => {
    const broker = at(index);
    sign(broker);
    serve(broker);
    const followed = wanted.ok ? broker.live.follow(wanted.value, now) : wanted;
    sign(broker);
    return followed.ok ? [] : followed.error;
  };

  const world: KeyWorld = {
    brokers,
    now: () => now,
    file: () => file,
    fresh,
    look,
    tokensSigned: () => signed,
    async write(next) {
      file = next;
      wanted = await parsed(next);
    },
    async rotate() {
      const moved = inTurn(file, [dropPast, promoteDue], (seen, change) => change(seen, now)).file;
      const next = inTurn(moved, lacksNext(moved), (seen) => publish(seen, fresh(), now)).file;
      await world.write(next);
    },
    restart(index) {
      const broker = at(index);
      sign(broker);
      serve(broker);
      if (wanted.ok) broker.live = makeLiveKeys(wanted.value, now);
      sign(broker);
    },
    pass(ms) {
      now = instant(now + ms);
      brokers.forEach((_, index) => {
        look(index);
      });
      served = served.filter(({ servedUntil }) => servedUntil >= now - CACHED);
      tokens = tokens.filter(({ end }) => end > now);
    },
    unverifiable() {
      for (const broker of brokers) serve(broker);
      const kids = new Set(tokens.filter(({ end }) => end > now).map(({ kid }) => kid));
      const held = served.filter(({ servedUntil }) => servedUntil >= now - CACHED);
      return [...kids].filter((kid) => held.some((one) => !one.kids.has(kid)));
    },
  };
  return world;
}

function fit(set: Awaited<ReturnType<typeof parseKeySet>>): KeySet {
  if (!set.ok) throw new Error(set.error.join());
  return set.value;
}
