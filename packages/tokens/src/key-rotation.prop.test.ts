/** I-24 over histories: whatever happens to the key file, a live token verifies by every JWKS that is at most 300 seconds old. */
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { KeyEntry, KeyFile } from './key-file.ts';
import { type KeyWorld, keyPool, keyWorld } from './test-support/key-world.ts';

jest.setTimeout(60_000);
const RUNS = 60;
const MINUTE_MS = 60_000;
let pool: readonly KeyEntry[];
beforeAll(async () => {
  pool = await keyPool(400);
});

/** A pause, short or long, in steps no longer than what a verifier caches. */
const pause = fc.record({
  kind: fc.constant('pause' as const),
  steps: fc.constantFrom(1, 3, 13, 25, 40),
  stepMs: fc.constantFrom(1, 2_000, MINUTE_MS, 3 * MINUTE_MS, 4 * MINUTE_MS, 5 * MINUTE_MS),
});
const broker = fc.integer({ min: 0, max: 1 });
const rotate = fc.record({ kind: fc.constant('rotate' as const) });
const look = fc.record({ kind: fc.constant('look' as const), broker });
const restart = fc.record({ kind: fc.constant('restart' as const), broker });

/** What a hand may do to a file, with or without sense. */
const edit = fc.record({
  kind: fc.constant('edit' as const),
  what: fc.constantFrom('swap', 'drop', 'prepend', 'append', 'unmark', 'halve', 'mark'),
  at: fc.nat(8),
});

type Happening =
  | { readonly kind: 'pause'; readonly steps: number; readonly stepMs: number }
  | { readonly kind: 'rotate' }
  | { readonly kind: 'look' | 'restart'; readonly broker: number }
  | { readonly kind: 'edit'; readonly what: string; readonly at: number };

/** A next key is there and may sign; then anything. */
const histories = (...kinds: fc.Arbitrary<Happening>[]) =>
  fc
    .array(fc.oneof(...kinds), { minLength: 8, maxLength: 20, size: 'max' })
    .map((rest): readonly Happening[] => [
      { kind: 'rotate' },
      { kind: 'pause', steps: 13, stepMs: 5 * MINUTE_MS },
      ...rest,
    ]);

function verifies(world: KeyWorld): void {
  const lost = world.unverifiable();
  if (lost.length > 0) throw new Error(`live tokens of ${lost.length} keys cannot be verified`);
}

async function happen(world: KeyWorld, what: Happening): Promise<void> {
  if (what.kind === 'rotate') await world.rotate();
  if (what.kind === 'look') world.look(what.broker);
  if (what.kind === 'restart') world.restart(what.broker);
  if (what.kind === 'edit') {
    // A hand is no faster than the brokers look; the command may be.
    world.pass(2_000);
    await world.write(edited(world, what.what, what.at));
    world.pass(2_000);
  }
  for (let step = 0; what.kind === 'pause' && step < what.steps; step += 1) {
    // Brokers look two seconds after whatever was done.
    world.pass(Math.min(what.stepMs, 2_000));
    verifies(world);
    world.pass(what.stepMs);
    verifies(world);
  }
  verifies(world);
}

function edited(world: KeyWorld, what: string, at: number): KeyFile {
  const { keys, revoked } = world.file();
  const index = at % Math.max(1, keys.length);
  const change = (by: (key: KeyEntry) => KeyEntry) => keys.map((key, other) => (other === index ? by(key) : key));
  const without = keys.filter((_, other) => other !== index);
  const [picked] = keys.slice(index, index + 1);
  const results: Readonly<Record<string, readonly KeyEntry[]>> = {
    swap: picked === undefined ? keys : [picked, ...without],
    drop: without,
    prepend: [world.fresh(), ...keys],
    append: [...keys, world.fresh()],
    unmark: change(({ publishedAt: _, signingSince: __, signedUntil: ___, ...key }) => key),
    halve: change(({ privateHalf: _, ...key }) => key),
    mark: change((key) => ({ ...key, signedUntil: world.now() })),
  };
  return { keys: results[what] ?? keys, revoked };
}

describe('I-24: every live token verifies by the published keys all its life', () => {
  test('I-24: with sallyport keys rotate at any time, brokers that look late, and brokers that start again', async () => {
    let promoted = 0;
    await fc.assert(
      fc.asyncProperty(histories(rotate, rotate, pause, pause, look, restart), async (history) => {
        const world = await keyWorld(pool);
        const first = world.brokers[0]?.live.current().signing.ES256.kid;
        for (const what of history) await happen(world, what);
        if (world.brokers[0]?.live.current().signing.ES256.kid !== first) promoted += 1;
      }),
      { numRuns: RUNS },
    );
    expect(promoted).toBeGreaterThan(10);
  });

  test('I-24: whatever else is written into the file, by whatever hand', async () => {
    let promoted = 0;
    await fc.assert(
      fc.asyncProperty(histories(edit, edit, rotate, pause, look), async (history) => {
        const world = await keyWorld(pool);
        const first = world.brokers[0]?.live.current().signing.ES256.kid;
        for (const what of history) await happen(world, what);
        if (world.brokers[0]?.live.current().signing.ES256.kid !== first) promoted += 1;
      }),
      { numRuns: RUNS },
    );
    expect(promoted).toBeGreaterThan(10);
  });

  test('K3: a key that has stopped signing never signs again, on any broker that saw it stop', async () => {
    await fc.assert(
      fc.asyncProperty(histories(edit, rotate, pause), async (history) => {
        const world = await keyWorld(pool, 1);
        const reigned: string[] = [];
        for (const what of history) {
          await happen(world, what);
          const kid = world.brokers[0]?.live.current().signing.ES256.kid ?? '';
          if (reigned.at(-1) !== kid) reigned.push(kid);
        }
        expect(new Set(reigned).size).toBe(reigned.length);
      }),
      { numRuns: RUNS },
    );
  });

  test('two brokers with one file converge: the same keys sign and are published, once both have looked', async () => {
    await fc.assert(
      fc.asyncProperty(histories(rotate, rotate, pause, pause, look, restart), async (history) => {
        const world = await keyWorld(pool);
        for (const what of history) await happen(world, what);
        for (let minute = 0; minute < 130; minute += 1) world.pass(MINUTE_MS);
        const [a, b] = world.brokers.map(({ live }) => live.current());
        expect(a?.signing.ES256.kid).toBe(b?.signing.ES256.kid);
        expect(a?.published.map((key) => key.kid)).toEqual(b?.published.map((key) => key.kid));
      }),
      { numRuns: RUNS },
    );
  });
});
