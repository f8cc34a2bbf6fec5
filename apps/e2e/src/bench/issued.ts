/** The tokens a run was given: every one of them must be in the ledger, with its audit row. */
import { readFileSync } from 'node:fs';
import type { Stage } from './stage/stage.ts';

/** The access tokens in a file of answers. */
export function tokensIn(answersFile: string): readonly string[] {
  return readFileSync(answersFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => String((JSON.parse(line) as { readonly access_token: unknown }).access_token));
}

/** The `jti` of a token of ours. */
export function jtiOf(token: string): string {
  const [, payload = ''] = token.split('.');
  return String((JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { readonly jti: unknown }).jti);
}

export interface LedgerCheck {
  readonly issued: number;
  readonly distinct: number;
  readonly withoutRow: number;
  readonly withoutAuditRow: number;
}

/** Compares what clients hold with what was recorded. */
export async function checkLedger(stage: Stage, jtis: readonly string[]): Promise<LedgerCheck> {
  const [rows = { missing: 0 }] = await stage.database.sql<{ missing: number }>(MISSING_ROWS, [jtis]);
  const [audits = { missing: 0 }] = await stage.database.sql<{ missing: number }>(MISSING_AUDITS, [jtis]);
  return {
    issued: jtis.length,
    distinct: new Set(jtis).size,
    withoutRow: rows.missing,
    withoutAuditRow: audits.missing,
  };
}

const MISSING_ROWS = `select count(*)::int as missing from unnest($1::text[]) held (jti)
  left join tokens t on t.jti = held.jti where t.jti is null`;
const MISSING_AUDITS = `select count(*)::int as missing from unnest($1::text[]) held (jti)
  left join audit a on a.jti = held.jti and a.type = 'token.issued' where a.id is null`;
