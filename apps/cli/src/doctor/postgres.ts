/** The doctor's look at Postgres: reachable, primary, migrated, a policy in force. Reads only. */
import { randomBytes } from 'node:crypto';
import { DeadlinePassed, withDeadline } from '@sallyport/platform';
import { type Finding, fine, wrong } from './finding.ts';

const ANSWER_MS = 8_000;
const NEXT: readonly (readonly [RegExp, string])[] = [
  [/^migrations missing/, 'Run: sallyport migrate'],
  [/^no policy/, 'Start the worker: it puts the policy of SALLYPORT_POLICY in force.'],
  [/^clock/, "Synchronise this machine's clock with the database's."],
  [/^standby/, 'Set DATABASE_URL to the primary: decisions are made nowhere else.'],
  [/^failing/, "Is SALLYPORT_AUDIT_KEY the programs' own, and may this user read their tables?"],
];
const REACH = 'Is it running, and are address, user and password in DATABASE_URL right?';

/**
 * Whether a program could work with this database.
 * @param auditKey the programs' own; without it rows cannot be checked, and the look ends before the policy
 */
export async function postgresFinding(url: string, auditKey: Uint8Array | undefined): Promise<Finding> {
  const [{ openPostgres }, { parseCompiled, serializePolicy }] = await Promise.all([
    import('@sallyport/postgres'),
    import('@sallyport/policy'),
  ]);
  const postgres = openPostgres({
    url,
    auditKey: auditKey ?? randomBytes(32),
    instance: 'doctor',
    policyCodec: { parse: parseCompiled, serialize: serializePolicy },
    alarm: () => undefined,
    connectionsMax: 1,
    reservedMax: 1,
  });
  try {
    await postgres.clock.refresh().catch(() => undefined);
    const told = await withDeadline(postgres.ready(), ANSWER_MS, 'postgres');
    return judge(told, auditKey !== undefined);
  } catch (thrown) {
    if (thrown instanceof DeadlinePassed) return wrong('postgres', `no answer within ${ANSWER_MS / 1_000} s`, REACH);
    throw thrown;
  } finally {
    await postgres.close();
  }
}

function judge(told: true | string, keyIsOurs: boolean): Finding {
  if (told === true) return fine('postgres', 'reachable, primary, migrated, with a policy in force');
  if (!keyIsOurs && told === 'failing') {
    return fine('postgres', 'reachable, primary, migrated; set SALLYPORT_AUDIT_KEY to look at the policy in force too');
  }
  return wrong('postgres', told, NEXT.find(([words]) => words.test(told))?.[1] ?? REACH);
}
