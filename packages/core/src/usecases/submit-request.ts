/** submitRequest: somebody asks, by Slack or REST. Every submission is a new request; its once-key makes a repeat the same one. */
import { admit } from '../domain/crowd.ts';
import { type Ask, openRequest } from '../domain/open-request.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result } from '../domain/result.ts';
import type { Attribution } from '../ports/attribution.ts';
import type { Chance, Hashing } from '../ports/chance.ts';
import type { Ledger, OnceKey, Written } from '../ports/ledger.ts';

export interface SubmitRequestDeps {
  readonly ledger: Ledger;
  readonly chance: Chance;
  readonly hashing: Hashing;
}

export type SubmitRequest = (ask: Ask, by: Attribution, once?: OnceKey) => Promise<Result<Written, Refusal>>;

/** Builds the use case. Refusals: those of `openRequest`, too_many, key_reused. */
export function makeSubmitRequest({ ledger, chance, hashing }: SubmitRequestDeps): SubmitRequest {
  return (ask, by, once) => {
    const ids = { request: chance.requestId(), decision: chance.decisionId(), grant: chance.grantId() };
    return ledger.open(
      { subject: ask.subject, resource: ask.resource, requester: ask.requester },
      (_seen, at, crowd) => {
        const opened = openRequest(ids, ask, at, hashing.digestOf);
        const step = opened.ok ? admit(opened.value, crowd) : opened;
        return step.ok ? ok({ kind: 'new', step: step.value }) : step;
      },
      by,
      once,
    );
  };
}
