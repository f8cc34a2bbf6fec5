/** Revokes at one process and asks at several until each says no. */
import { spreadOf } from '../statistics.ts';
import { openConnection, type Reply, requestBytes } from './connection.ts';
import type { Call, RevokePlan, RevokeResult, RevokeStep } from './plan.ts';

/** Runs the steps one after the other. */
export async function runRevoke(plan: RevokePlan): Promise<RevokeResult> {
  const refusedAfter: number[] = [];
  let stale = 0;
  for (const step of plan.steps) {
    const seen = await oneStep(step, plan.patienceMs);
    refusedAfter.push(...seen.map((one) => one.afterMs));
    stale += seen.reduce((sum, one) => sum + one.staleAnswers, 0);
  }
  return { kind: 'revoked', refusedAfterMs: spreadOf(refusedAfter), staleAnswers: stale };
}

async function oneStep({ revoke, asks }: RevokeStep, patienceMs: number) {
  const { status, body } = await call(revoke);
  const revokedAt = performance.now();
  if (status !== 200) throw new Error(`a revocation was refused: ${status} ${body.toString('utf8')}`);
  return Promise.all(asks.map((ask) => untilRefused(ask, revokedAt, patienceMs)));
}

async function untilRefused(ask: Call, revokedAt: number, patienceMs: number) {
  for (let staleAnswers = 0; ; staleAnswers++) {
    const reply = await call(ask);
    const afterMs = performance.now() - revokedAt;
    if (isRefusal(reply)) return { afterMs, staleAnswers };
    if (afterMs > patienceMs) throw new Error('a revoked token was still good after all patience');
  }
}

/** An introspection that says inactive, or an exchange that says no. A fault is neither yes nor no. */
function isRefusal({ status, body }: Reply): boolean {
  if (status >= 500) throw new Error(`a fault instead of an answer: ${status}`);
  return status !== 200 || body.includes('"active":false');
}

async function call({ port, path, headers, body }: Call): Promise<Reply> {
  let fail: (why: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);
  const connection = await openConnection(port, (why) => fail(new Error(why)));
  const answered = new Promise<Reply>((resolve) => connection.send(requestBytes(path, headers, body), resolve));
  try {
    return await Promise.race([answered, failed]);
  } finally {
    connection.close();
  }
}
