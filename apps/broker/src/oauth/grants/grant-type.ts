/** What a grant type adds to the token endpoint: its name, what the policy calls it, and its handler. */
import type { Attribution, Client, GrantTypeName, Issued, Refusal, Result, Waiting } from '@sallyport/core';
import type { BrokerDeps } from '../../deps.ts';
import type { Form } from '../form.ts';

export interface GrantType {
  /** As on the wire. */
  readonly name: string;
  /** As in a client's `grant_types`. */
  readonly inPolicy: GrantTypeName;
  readonly handle: (
    deps: BrokerDeps,
    client: Client,
    form: Form,
    by: Attribution,
  ) => Promise<Result<Issued | Waiting, Refusal>>;
}
