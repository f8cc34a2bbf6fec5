#!/usr/bin/env node
/** The command line program: a thin shell round `runCli`. */
import { runCli } from './cli.ts';
import { surroundingsOf } from './host.ts';

process.exitCode = await runCli(process.argv.slice(2), surroundingsOf(process));
