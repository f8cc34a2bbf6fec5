/** Token exchange, RFC 8693. */
import type { ExchangeCommand } from '@sallyport/core';
import type { Form } from '../form.ts';
import { GRANT_TYPE } from '../names.ts';
import { readExchangeParams } from '../token-params.ts';
import type { GrantType } from './grant-type.ts';

export const tokenExchange: GrantType = {
  name: GRANT_TYPE.tokenExchange,
  inPolicy: 'token-exchange',
  handle: async (deps, client, form, by) => {
    const params = readExchangeParams(form);
    if (!params.ok) {
      await deps.ledger.note({ refusal: params.error, by, attempted: 'exchange' });
      return params;
    }
    const command: ExchangeCommand = {
      client,
      ...params.value,
      fingerprint: fingerprintOf(form, client.id, deps.hashing.digestOf),
    };
    return deps.exchangeToken(command, by);
  },
};

/** The same exchange is the same client with the same parameters, in whatever order. */
function fingerprintOf(form: Form, clientId: string, digestOf: (text: string) => string): string {
  const entries = [...form].filter(([, values]) => values.length > 0).sort(([a], [b]) => (a < b ? -1 : 1));
  return digestOf(JSON.stringify([clientId, entries]));
}
