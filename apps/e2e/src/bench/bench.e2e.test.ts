/** Shows that the bench runs from end to end and that what it says can be read; what its figures are is no test's business. */
import { spawn } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { benchFile } from './stage/process.ts';

const MINUTES_MS = 300_000;
const COMPILED = '/dist/bench/';

/** The compiled bench, run as `npm run bench -- --quick` does. */
function quickBench(): Promise<{ readonly code: number | null; readonly output: string; readonly progress: string }> {
  const main = benchFile('main.js').replace('/src/bench/', COMPILED);
  const { PATH, TEST_DATABASE_URL = '', TEST_REDIS_URL = '' } = process.env;
  const env = { PATH, TEST_DATABASE_URL, TEST_REDIS_URL };
  const child = spawn(process.execPath, [main, '--quick'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, progress] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    progress += chunk.toString('utf8');
  });
  return new Promise((resolve) => child.once('exit', (code) => resolve({ code, output, progress })));
}

const SCENARIOS = [
  'exchange',
  'exchange-open',
  'introspect',
  'introspect-open',
  'poll',
  'repeat',
  'held-one',
  'held-all',
  'revoke',
  'slack',
];

test(
  'I-7: the bench runs, its lines parse, and every token it was given is in the ledger with its audit row',
  async () => {
    const { code, output, progress } = await quickBench();
    const told = code === 0 ? '' : progress;
    expect({ code, told }).toEqual({ code: 0, told: '' });
    const lines = output
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    const ledger = lines.find(({ kind }) => kind === 'ledger');
    expect(ledger).toMatchObject({ withoutRow: 0, withoutAuditRow: 0 });
    expect(Number(ledger?.issued)).toBeGreaterThan(50);
    const medians = lines.filter(({ kind, server }) => kind === 'median' && server === 'sallyport');
    expect(medians.map(({ scenario }) => scenario)).toEqual(SCENARIOS);
    expect(lines.filter(({ kind }) => kind === 'target').map(({ met }) => typeof met)).toEqual(
      Array(8).fill('boolean'),
    );
  },
  MINUTES_MS,
);
