/** LiveTokens: every access token that neither time nor anybody has ended, and the word that the policy bars one. */
import type { AccessCase } from '../domain/case.ts';
import type { TokenFacts } from '../domain/issuance.ts';
import type { Attribution } from './attribution.ts';
import type { Listed, Page, Seen } from './ledger.ts';

export interface LiveToken {
  readonly token: TokenFacts;
  readonly case: AccessCase;
}

/** Tokens to be barred, and the moment they were judged at. */
export type Barring = Seen<readonly LiveToken[]>;

export interface LiveTokens {
  /** One page, in an order of its own: what is issued meanwhile may be missed, what is there is not. */
  page(page: Page): Promise<Seen<Listed<LiveToken>>>;
  /** Writes down, for good, that they are barred. Those that were barred before are left alone. Returns how many are new. */
  bar(barring: Barring, by: Attribution): Promise<number>;
}
