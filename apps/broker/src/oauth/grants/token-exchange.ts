/** Token exchange, RFC 8693. */
import type { ExchangeCommand } from '@sallyport/core';
import type { Form } from '../form.ts';
import { GRANT_TYPE } from '../names.ts';
import { readExchangeParams } from '../token-params.ts';
import type { GrantType } from './grant-type.ts';

export const tokenExchange: GrantType = {
  name: GRANT_TYPE.tokenExchange,
  inPolicy: 'token-exchange',
  handle: async (deps, { client, form, by, jkt }) => {
    const params = readExchangeParams(form);
    if (!params.ok) {
      await deps.ledger.note({ refusal: params.error, by, attempted: 'exchange' });
      return params;
    }
    const command: ExchangeCommand = {
      client,
      ...params.value,
      ...(jkt === undefined ? {} : { jkt }),
      fingerprint: fingerprintOf(form, client.id, jkt, deps.hashing.digestOf),
    };
    return deps.exchangeToken(command, by);
  },
};

/** How the client proves itself is new with each call, and no part of what it asks. */
const PROOF_OF_CLIENT = ['client_assertion', 'client_assertion_type'];

/** The same exchange is the same client with the same key and the same parameters, in whatever order. */
function fingerprintOf(
  form: Form,
  clientId: string,
  jkt: string | undefined,
  digestOf: (text: string) => string,
): string {
  const entries = [...form]
    .filter(([name, values]) => values.length > 0 && !PROOF_OF_CLIENT.includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return digestOf(JSON.stringify([clientId, entries, ...(jkt === undefined ? [] : [jkt])]));
}
