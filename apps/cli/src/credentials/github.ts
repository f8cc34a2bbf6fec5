/** The credential of a GitHub Actions job: an OIDC token the runner's token service makes for our audience, a new one each time. */
import { err, ok, type Result } from '@sallyport/core';
import { type Secret, secret } from '@sallyport/platform';
import { z } from 'zod';
import { EXIT } from '../exit-codes.ts';
import { type Answer, send } from '../http.ts';
import { isInTheClear, isTokenText } from '../settings.ts';
import type { Trouble } from '../trouble.ts';
import { isSet, type Look, type Place, unusable } from './credential.ts';

const TRIES_MAX = 4;
const FIRST_PAUSE_MS = 1_000;
const made = z.object({ value: z.string().refine(isTokenText) });

export const github: Place = async ({ env, audience, sleep, signal }) => {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer = '' } = env;
  if (!isSet(env, 'ACTIONS_ID_TOKEN_REQUEST_URL') || !isSet(env, 'ACTIONS_ID_TOKEN_REQUEST_TOKEN')) {
    return env.GITHUB_ACTIONS === 'true' ? err(noPermission()) : undefined;
  }
  if (!URL.canParse(url) || isInTheClear(url)) return err(unusable('ACTIONS_ID_TOKEN_REQUEST_URL is no https address'));
  const address = new URL(url);
  address.searchParams.set('audience', audience);
  return ok({ source: 'GitHub Actions', token: () => ask(address.href, secret(bearer), { sleep, signal }) });
};

function noPermission(): Trouble {
  return unusable(
    'this GitHub Actions job may not ask for an OIDC token',
    'Give it `permissions: id-token: write`. Runs that a fork started never get it.',
  );
}

/** Asks until there is an answer worth judging: at most four times, with growing pauses. */
async function ask(
  url: string,
  bearer: Secret<string>,
  { sleep, signal }: Pick<Look, 'sleep' | 'signal'>,
): Promise<Result<Secret<string>, Trouble>> {
  for (let tries = 1; ; tries++) {
    const headers = { authorization: `Bearer ${bearer.reveal()}` };
    const answered = await send({ method: 'GET', url, headers, signal });
    if (!isPassing(answered)) return judge(answered);
    if (tries === TRIES_MAX || signal.aborted) return err(outage(answered));
    await sleep(FIRST_PAUSE_MS * 2 ** (tries - 1), signal);
  }
}

function isPassing(answered: Result<Answer, string>): boolean {
  return !answered.ok || answered.value.status >= 500 || answered.value.status === 429;
}

function judge(answered: Result<Answer, string>): Result<Secret<string>, Trouble> {
  const parsed = made.safeParse(answered.ok ? answered.value.body : undefined);
  if (answered.ok && answered.value.status === 200 && parsed.success) return ok(secret(parsed.data.value));
  const status = answered.ok ? ` (status ${answered.value.status})` : '';
  return err(unusable(`GitHub's token service gave no token${status}`, 'Has the job `permissions: id-token: write`?'));
}

function outage(answered: Result<Answer, string>): Trouble {
  const why = answered.ok ? `status ${answered.value.status}` : answered.error;
  return {
    exit: EXIT.unreachable,
    code: 'credential_unreachable',
    message: `GitHub's token service does not answer: ${why}`,
    next: 'Run the job again.',
    retryAfterSeconds: 5,
  };
}
