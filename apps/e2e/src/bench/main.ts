/** `npm run bench`: sets the stage, plays the scenarios in alternated rounds, checks the ledger, prints JSON lines. */
import { parseArgs } from 'node:util';
import { runBench } from './bench.ts';
import { benchOptions } from './options.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    'round-ms': { type: 'string' },
    only: { type: 'string' },
    profiles: { type: 'string' },
    'node-args': { type: 'string' },
  },
});
const redisUrl = process.env.TEST_REDIS_URL;
if (redisUrl === undefined) throw new Error('TEST_REDIS_URL is missing: run it with npm run bench');
const { 'round-ms': roundMs, 'node-args': nodeArgs, ...rest } = values;
const sound = await runBench(benchOptions({ ...rest, roundMs, nodeArgs }), redisUrl);
process.exitCode = sound ? 0 : 1;
