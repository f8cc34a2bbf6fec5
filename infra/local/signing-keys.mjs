/** The signing keys of a local house: made once by the CLI, an ES256 and an RS256 key; an older file gets the RS256 key it lacks. */
import { readFileSync } from 'node:fs';
import { mainOf } from './build.mjs';
import { ROOT } from './paths.mjs';
import { lastLines, run } from './run.mjs';
import { EXIT, Stop } from './stop.mjs';

function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  }
}

/** Whether a key file has an RS256 key; true also for what is no key file: the broker says what is wrong with that. */
function hasRs256(text) {
  try {
    return JSON.parse(text).keys.some(({ alg }) => alg === 'RS256');
  } catch {
    return true;
  }
}

async function keys(args, env) {
  const { code, output, error } = await run(process.execPath, [mainOf('cli'), 'keys', ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...env },
  });
  if (code === 0) return;
  const why = error?.message ?? lastLines(output, 10);
  throw new Stop(`The signing keys could not be made:\n\n${why}`, EXIT.configuration);
}

/** Makes what is missing in this file. `env`: what the keys are encrypted under, if under anything. */
export async function makeSigningKeys(file, env) {
  const text = textOf(file);
  if (text === undefined) await keys(['generate', '--out', file], env);
  else if (!hasRs256(text)) await keys(['publish', '--alg', 'RS256', '--file', file], env);
}
