#!/usr/bin/env node
/** The command line program: a thin shell round `runCli`. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCli } from './cli.ts';

/** As a shell reports a program that a closed pipe ended: 128 + SIGPIPE. */
const CLOSED_PIPE = 141;

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(CLOSED_PIPE);
  });
}

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  now: () => performance.now(),
  sleep: async (ms) => {
    await sleep(ms);
  },
});
