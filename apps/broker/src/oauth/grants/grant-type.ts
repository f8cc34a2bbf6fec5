/** What a grant type adds to the token endpoint: its name, what the policy calls it, and its handler. */
import type { Attribution, Client, GrantTypeName, Issued, Refusal, Result, Waiting } from '@sallyport/core';
import type { FastifyRequest } from 'fastify';
import type { BrokerDeps } from '../../deps.ts';
import type { Form } from '../form.ts';

/** A call to the token endpoint whose shared duties are done. */
export interface TokenCall {
  readonly client: Client;
  readonly form: Form;
  readonly by: Attribution;
  /** Of the key proved with the call. */
  readonly jkt?: string;
  readonly request: FastifyRequest;
}

export interface GrantType {
  /** As on the wire. */
  readonly name: string;
  /** As in a client's `grant_types`. */
  readonly inPolicy: GrantTypeName;
  readonly handle: (deps: BrokerDeps, call: TokenCall) => Promise<Result<Issued | Waiting, Refusal>>;
}
