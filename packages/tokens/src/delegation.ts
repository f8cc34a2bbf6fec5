/** What a verified token says of those who act for its subject: `act` and `may_act` (RFC 8693 sections 4.1 and 4.4). */
import {
  ACTORS_MAX,
  type ActingParty,
  err,
  isJsonObject,
  type Json,
  type JsonObject,
  type MayAct,
  ok,
  type Result,
} from '@sallyport/core';
import { isClaimText } from './claim-text.ts';

export interface Delegation {
  /** The last to act first; other members of `act` are dropped. */
  readonly actors: readonly ActingParty[];
  readonly mayAct?: MayAct;
}

/** Reads both claims; the error names the one that is no such thing, or too deep. */
export function delegationIn({ act, may_act }: JsonObject): Result<Delegation, 'act' | 'may_act'> {
  const actors = chainIn(act, []);
  if (actors === undefined) return err('act');
  if (may_act === undefined) return ok({ actors });
  const mayAct = partyIn(may_act);
  return mayAct === undefined ? err('may_act') : ok({ actors, mayAct });
}

function chainIn(act: Json | undefined, before: readonly ActingParty[]): readonly ActingParty[] | undefined {
  if (act === undefined) return before;
  const party = partyIn(act);
  if (party === undefined || before.length >= ACTORS_MAX || !isJsonObject(act)) return undefined;
  return chainIn(act.act, [...before, party]);
}

function partyIn(value: Json): ActingParty | undefined {
  if (!isJsonObject(value)) return undefined;
  const { iss, sub } = value;
  if (!isClaimText(sub) || (iss !== undefined && !isClaimText(iss))) return undefined;
  return { ...(iss === undefined ? {} : { iss }), sub };
}
