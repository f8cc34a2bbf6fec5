/** Owns getting a token, whoever wants it: the command, or the GitHub Action. Asks, waits, says where it stands, tidies up. */
import { err, ok, type Result } from '@sallyport/core';
import { secret } from '@sallyport/platform';
import { warnInTheClear } from './caller.ts';
import type { Shell } from './define.ts';
import { makeForms } from './oauth/forms.ts';
import { TOKEN_TYPE } from './oauth/names.ts';
import { revokeToken } from './oauth/revoke-token.ts';
import type { IssuedToken } from './oauth/token-answer.ts';
import { type BrokerAddress, brokerAddress } from './settings.ts';
import type { Trouble } from './trouble.ts';
import { openSight } from './waiting/sight.ts';
import { type Waited, waitForToken } from './waiting/wait-for-token.ts';
import { undecided } from './waiting/words.ts';
import { type Chosen, chooseWay, type Wish } from './ways/choose-way.ts';
import { federateWay } from './ways/federate.ts';
import type { Way } from './ways/way.ts';

/** A job that is being canceled has seconds to end. */
const CANCEL_MS = 5_000;
const LAST_STEP_MS = 60_000;

/** Gets a token, or says why not. Trouble `pending`: the time ran out. @throws ConfigProblems */
export async function getToken(wish: Wish, shell: Shell): Promise<Result<IssuedToken, Trouble>> {
  const broker = brokerAddress(shell.env);
  warnInTheClear(broker, shell.out);
  const interrupted = shell.interruption();
  const forms = makeForms(broker, interrupted);
  const chosen = await chooseWay(wish, forms, shell);
  if (!chosen.ok) return chosen;
  const waited = await waitInSight(chosen.value, broker, shell, interrupted);
  if (waited.kind !== 'issued') return endOf(waited, wish, chosen.value, broker);
  if (wish.ask.federate !== true || waited.token.issued_token_type === TOKEN_TYPE.jwt) return ok(waited.token);
  const last = lastStep(chosen.value, federateWay(forms, wish.ask, waited.token));
  const federated = await waitInSight(last, broker, shell, interrupted);
  return federated.kind === 'issued' ? ok(federated.token) : endOf(federated, wish, last, broker);
}

/** Nobody is waited for any more, only an outage, and not for long. */
function lastStep({ bearer, waitMs }: Chosen, way: Way): Chosen {
  return { way, bearer, waitMs: Math.min(waitMs, LAST_STEP_MS) };
}

async function endOf(
  waited: Exclude<Waited, { readonly kind: 'issued' }>,
  wish: Wish,
  chosen: Chosen,
  broker: BrokerAddress,
): Promise<Result<never, Trouble>> {
  return err(waited.kind === 'refused' ? waited.trouble : await leave(waited, wish, chosen, broker));
}

async function waitInSight(
  chosen: Chosen,
  broker: BrokerAddress,
  shell: Shell,
  interrupted: AbortSignal,
): Promise<Waited> {
  const sight = openSight(chosen, broker, shell);
  try {
    const { way, waitMs } = chosen;
    return await waitForToken({ way, waitMs, clock: shell, interrupted, onPause: sight.update });
  } finally {
    sight.close();
  }
}

/** Ends without a decision: what was in the way, or that it is still open; takes it back if that was wished. */
async function leave(
  { why, progress, trouble }: Waited & { readonly kind: 'open' },
  { cancelOnExit }: Wish,
  { way, waitMs }: Chosen,
  broker: BrokerAddress,
): Promise<Trouble> {
  const canceled =
    cancelOnExit && progress.handle !== undefined && (await cancel(progress.handle.code, way.handleType, broker));
  if (why === 'time' && trouble !== undefined && !canceled) return trouble;
  return undecided(why, progress, { waitMs, joins: way.joins, canceled });
}

async function cancel(code: string, handleType: string | undefined, broker: BrokerAddress): Promise<boolean> {
  const revoked = await revokeToken(makeForms(broker, AbortSignal.timeout(CANCEL_MS)), secret(code), handleType);
  return revoked.ok;
}
