/** The law of imports: floors, one foreign tongue per package, nothing deep, no circles. */
import { describe, expect, test } from '@jest/globals';
import { manifests, type Source, sources } from './source-tree.ts';

const FLOOR_1 = ['core', 'platform'];
const FLOOR_2 = ['policy', 'postgres', 'queue', 'tokens'];
const PROGRAMS = ['broker', 'slack', 'worker', 'cli'];
const STAND_INS = ['workspace', 'demo-issuer'];
/** For people outside: stands on nothing of ours, and nothing of ours but the examples stands on it. */
const OUTSIDE = 'resource-server';
const EXAMPLES = ['orders-api'];
const PACKAGES = [...FLOOR_1, ...FLOOR_2, 'testkit'];

/** Which of our own packages each may import; tests may also import the testkit. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  platform: [],
  ...Object.fromEntries(FLOOR_2.map((owner) => [owner, FLOOR_1])),
  testkit: [...FLOOR_1, ...FLOOR_2],
  [OUTSIDE]: [],
  ...Object.fromEntries(EXAMPLES.map((owner) => [owner, [OUTSIDE]])),
  ...Object.fromEntries(PROGRAMS.map((owner) => [owner, [...FLOOR_1, ...FLOOR_2]])),
  ...Object.fromEntries(STAND_INS.map((owner) => [owner, ['platform', 'testkit']])),
  e2e: [...PACKAGES, OUTSIDE, ...PROGRAMS, ...STAND_INS, ...EXAMPLES],
};

/** Who speaks which foreign tongue. Tests, the testkit and e2e imitate the outside and may speak any. */
const TONGUES: Readonly<Record<string, readonly string[]>> = {
  pg: ['postgres'],
  kysely: ['postgres'],
  bullmq: ['queue'],
  ioredis: ['queue'],
  jose: ['tokens', OUTSIDE],
  yaml: ['policy'],
  ajv: ['policy'],
  pino: ['platform'],
  'prom-client': ['platform'],
  '@slack/bolt': ['slack'],
  '@slack/web-api': ['slack'],
  undici: ['slack'],
  fastify: ['broker', ...EXAMPLES],
  'fastify-type-provider-zod': ['broker'],
  '@fastify/swagger': ['broker'],
  '@fastify/formbody': ['broker'],
  'openid-client': ['broker'],
  commander: ['cli'],
};
const POLYGLOTS = ['testkit', 'e2e'];

const shipped = sources.filter((source) => !source.isTest);
const ours = (one: string): string | undefined => /^@sallyport\/([^/]+)/.exec(one)?.[1];
const packageOf = (one: string): string =>
  one.startsWith('@') ? one.split('/').slice(0, 2).join('/') : (one.split('/')[0] ?? one);
const isForeign = (one: string): boolean => !one.startsWith('.') && !one.startsWith('node:') && ours(one) === undefined;
const offenders = (all: readonly Source[], isWrong: (source: Source, imported: string) => boolean): string[] =>
  all.flatMap((source) =>
    source.imports.filter((one) => isWrong(source, one)).map((one) => `${source.path} imports ${one}`),
  );

test('the laws see the tree: all packages, their files and what they import', () => {
  expect(sources.length).toBeGreaterThan(200);
  const face = sources.find(({ path }) => path === 'packages/core/src/index.ts');
  expect(face?.imports).toContain('./domain/quorum.ts');
  const ledger = sources.find(({ path }) => path === 'packages/core/src/ports/ledger.ts');
  expect(ledger?.imports).toContain('../domain/case.ts');
});

test('every package stands on a floor', () => {
  expect(manifests.map((one) => one.owner).filter((owner) => MAY_IMPORT[owner] === undefined)).toEqual([]);
});

describe('floors', () => {
  test('a package imports only what stands below it', () => {
    const wrong = offenders(sources, ({ owner, isTest }, one) => {
      const target = ours(one);
      if (target === undefined || target === owner) return false;
      return !(MAY_IMPORT[owner]?.includes(target) || (isTest && target === 'testkit'));
    });
    expect(wrong).toEqual([]);
  });

  test('the signing keys’ package is imported by the broker and the CLI alone; Slack takes what seals, through a door of its own', () => {
    const may = ['tokens', 'broker', 'cli', ...POLYGLOTS];
    const sealing = (owner: string, one: string): boolean => owner === 'slack' && one === '@sallyport/tokens/seal';
    const wrong = offenders(
      sources,
      ({ owner }, one) => ours(one) === 'tokens' && !may.includes(owner) && !sealing(owner, one),
    );
    expect(wrong).toEqual([]);
    const door = sources.find(({ path }) => path === 'packages/tokens/src/seal.ts');
    expect(door?.imports).toEqual(['./key-wrapping.ts', './sealed-box.ts', './slack-token.ts']);
  });

  test('the broker takes no jobs: it loads wake-ups and counters, through a door of their own, and not BullMQ', () => {
    expect(offenders(shipped, ({ owner }, one) => owner === 'broker' && one === '@sallyport/queue')).toEqual([]);
    const within = (from: string, seen = new Set<string>()): ReadonlySet<string> => {
      const source = sources.find(({ path }) => path === `packages/queue/src/${from}`);
      for (const one of source?.imports ?? []) {
        if (seen.has(one)) continue;
        seen.add(one);
        if (one.startsWith('./')) within(one.slice(2), seen);
      }
      return seen;
    };
    const loaded = within('signals.ts');
    expect([loaded.has('ioredis'), loaded.has('bullmq')]).toEqual([true, false]);
  });

  test('the testkit is a development dependency of everything that ships', () => {
    const may = [...STAND_INS, 'e2e'];
    const wrong = manifests.filter(
      ({ owner, dependencies }) => dependencies.includes('@sallyport/testkit') && !may.includes(owner),
    );
    expect(wrong.map((one) => one.owner)).toEqual([]);
    expect(
      offenders(shipped, ({ owner }, one) => ours(one) === 'testkit' && ![...may, 'testkit'].includes(owner)),
    ).toEqual([]);
  });

  test('a package is entered by its doors only', () => {
    const doors = new Set(
      manifests.flatMap(({ owner, exports }) => exports.map((path) => `@sallyport/${owner}${path.slice(1)}`)),
    );
    expect(offenders(sources, (_, one) => ours(one) !== undefined && !doors.has(one))).toEqual([]);
  });

  test('no relative import leaves its package', () => {
    const leaves = ({ inside }: Source, one: string): boolean =>
      one.startsWith('.') && resolved(inside, one) === undefined;
    expect(offenders(sources, leaves)).toEqual([]);
  });

  test('what a shipped file imports is a dependency of its package', () => {
    const wrong = offenders(shipped, ({ owner }, one) => {
      if (one.startsWith('.') || one.startsWith('node:')) return false;
      return !manifests.find((manifest) => manifest.owner === owner)?.dependencies.includes(packageOf(one));
    });
    expect(wrong).toEqual([]);
  });
});

describe('tongues', () => {
  test('each foreign tongue is spoken by the one package that owns it', () => {
    const wrong = offenders(shipped, ({ owner }, one) => {
      const speakers = TONGUES[packageOf(one)];
      return speakers !== undefined && !speakers.includes(owner) && !POLYGLOTS.includes(owner);
    });
    expect(wrong).toEqual([]);
  });

  test('each foreign package is known here, with its speaker; zod stands at doors only', () => {
    const wrong = offenders(shipped, ({ owner }, one) => {
      if (!isForeign(one) || POLYGLOTS.includes(owner)) return false;
      return packageOf(one) === 'zod' ? owner === 'core' : TONGUES[packageOf(one)] === undefined;
    });
    expect(wrong).toEqual([]);
  });

  test('the core speaks none at all, not even Node’s', () => {
    const core = shipped.filter((source) => source.owner === 'core');
    expect(core.length).toBeGreaterThan(30);
    expect(offenders(core, (_, one) => !one.startsWith('.'))).toEqual([]);
  });
});

describe('inside the core', () => {
  const MAY: Readonly<Record<string, readonly string[]>> = {
    domain: ['domain'],
    ports: ['domain', 'ports'],
    usecases: ['domain', 'ports', 'usecases'],
  };

  test('domain ← ports ← usecases ← index', () => {
    const core = shipped.filter(({ owner, inside }) => owner === 'core' && inside !== 'index.ts');
    const wrong = offenders(core, ({ inside }, one) => {
      const [layer = ''] = inside.split('/');
      const [target = ''] = resolved(inside, one)?.split('/') ?? [];
      return !MAY[layer]?.includes(target);
    });
    expect(wrong).toEqual([]);
  });
});

test('no package imports in a circle', () => {
  const circles = manifests.flatMap(({ owner }) => {
    const circle = circleIn(shipped.filter((source) => source.owner === owner));
    return circle === undefined ? [] : [`${owner}: ${circle.join(' → ')}`];
  });
  expect(circles).toEqual([]);
});

/** A relative import as a path from `src`; undefined when it leads out of it. */
function resolved(inside: string, one: string): string | undefined {
  const parts = inside.split('/').slice(0, -1);
  for (const part of one.split('/')) {
    if (part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** One circle among these files, or undefined. */
function circleIn(files: readonly Source[]): readonly string[] | undefined {
  const graph = new Map(
    files.map(({ inside, imports }) => [
      inside,
      imports.flatMap((one) => (one.startsWith('.') ? [resolved(inside, one) ?? ''] : [])),
    ]),
  );
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of graph.get(file) ?? []) {
      const found = visit(next, [...trail, file]);
      if (found !== undefined) return found;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const found = visit(file, []);
    if (found !== undefined) return found;
  }
  return undefined;
}
