/** recordDecision: a person approves or denies, by whatever door; one decision function behind them all. */
import { decideRequest, type Narrowing } from '../domain/decide-request.ts';
import type { RequestId } from '../domain/ids.ts';
import { type PersonId, person } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { err, type Result } from '../domain/result.ts';
import type { FreshSignIn } from '../domain/step-up.ts';
import { mayRead } from '../domain/visibility.ts';
import type { Attribution } from '../ports/attribution.ts';
import type { Chance, Hashing } from '../ports/chance.ts';
import type { Ledger, OnceKey, Written } from '../ports/ledger.ts';

export interface DecisionCommand {
  readonly requestId: RequestId;
  readonly person: PersonId;
  readonly verdict: 'approve' | 'deny';
  /** The revision the person saw. */
  readonly revision: number;
  readonly reason?: string;
  readonly narrow?: Narrowing;
  /** The fresh sign-in that confirms an approval, where the policy asks for one: only a page of the broker has it. */
  readonly signIn?: FreshSignIn;
  /** Whether a request this person may not read shall look as if it did not exist (REST), or say no openly (a card they see). */
  readonly hideFromStrangers: boolean;
}

export interface RecordDecisionDeps {
  readonly ledger: Ledger;
  readonly chance: Chance;
  readonly hashing: Hashing;
}

export type RecordDecision = (
  command: DecisionCommand,
  by: Attribution,
  once?: OnceKey,
) => Promise<Result<Written, Refusal>>;

/** Builds the use case. Refusals: those of `decideRequest`, request_unknown, replayed. */
export function makeRecordDecision({ ledger, chance, hashing }: RecordDecisionDeps): RecordDecision {
  return (command, by, once) => {
    const { requestId, hideFromStrangers, ...verdict } = command;
    const decide = { kind: 'decide', ...verdict, id: chance.decisionId(), grantId: chance.grantId() } as const;
    return ledger.transact(
      requestId,
      (c, at) =>
        hideFromStrangers && !mayRead(at, c, person(command.person))
          ? err({ code: 'request_unknown' })
          : decideRequest(c, decide, at, hashing.digestOf),
      { ...by, attempting: { what: 'decide', verdict: command.verdict } },
      once,
    );
  };
}
