/** I-18: a good change is put in force at the next look, a bad one is refused and counted and the old one stays. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Policy } from '@sallyport/core';
import { createLogger, createMetrics } from '@sallyport/platform';
import { makeApplyPolicy } from './apply-policy.ts';

const example = (name: string) => fileURLToPath(new URL(`../../../../infra/policies/example/${name}`, import.meta.url));

describe('applying the policy', () => {
  let file: string;
  let folder: string;
  let put: Policy[];
  let logged: string[];
  let away: boolean;
  const metrics = createMetrics({ processMetrics: false });
  const build = () =>
    makeApplyPolicy({
      path: folder,
      options: { allowHttpIssuers: true },
      putInForce: async (policy) => {
        if (away) throw new Error('the store is away');
        put.push(policy);
      },
      logger: createLogger({
        name: 'worker',
        level: 'info',
        destination: { write: (line: string) => void logged.push(line) },
      }),
      metrics,
    });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-policy-'));
    file = join(folder, 'resources.yaml');
    await writeFile(file, await readFile(example('50-resources.yaml')));
    // A resource there asks for a fresh sign-in, so somewhere people must sign in.
    await writeFile(join(folder, 'issuers.yaml'), await readFile(example('10-issuers.yaml')));
    [put, logged, away] = [[], [], false];
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('the same bytes are compiled once; forced, again', async () => {
    const apply = build();
    await apply();
    await apply();
    expect(put).toHaveLength(1);
    await apply(true);
    expect(put).toHaveLength(2);
  });

  test('a change is put in force', async () => {
    const apply = build();
    await apply();
    await writeFile(file, (await readFile(file, 'utf8')).replace('risk: high', 'risk: low'));
    await apply();
    expect(new Set(put.map((policy) => policy.version)).size).toBe(2);
  });

  test('a broken file is refused with its place, counted, and not tried again until it changes', async () => {
    const apply = build();
    await apply();
    await writeFile(file, 'version: 1\nresources: [ { id: x, nonsense: true } ]\n');
    await apply();
    await apply();
    expect(put).toHaveLength(1);
    expect(logged.filter((line) => line.includes('policy.refused')).join('')).toContain('resources.yaml');
    expect(await metrics.text()).toMatch(/policy_reload_failures_total 1\b/);
  });

  test('a store that was away is tried again at the next look', async () => {
    const apply = build();
    away = true;
    await expect(apply()).rejects.toThrow('away');
    away = false;
    await apply();
    expect(put).toHaveLength(1);
  });

  test('warnings of a policy that loads are logged', async () => {
    await writeFile(
      join(folder, 'rules.yaml'),
      'version: 1\nrules:\n  - { id: lost, who: [group:nobody], resource: metrics, roles: [view], effect: auto_approve }\n',
    );
    await build()();
    expect(put).toHaveLength(1);
    expect(logged.filter((line) => line.includes('policy.warning')).join('')).toContain('rules.yaml');
  });
});
