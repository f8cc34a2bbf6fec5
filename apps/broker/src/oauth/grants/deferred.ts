/** The polling grant of a deferred exchange (Deferred Token Response, individual draft -00). */
import { err, ok, type Refusal, type Result } from '@sallyport/core';
import { type Form, param } from '../form.ts';
import { GRANT_TYPE } from '../names.ts';
import type { GrantType } from './grant-type.ts';

/** What was asked is frozen in the handle: a poll that says more is a mistake worth telling. */
const EXCHANGE_PARAMETERS = [
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
  'audience',
  'resource',
  'scope',
  'authorization_details',
  'requested_token_type',
  'request_id',
  'completion_mode',
  'reason',
  'requested_duration',
];

export const deferred: GrantType = {
  name: GRANT_TYPE.deferred,
  inPolicy: 'deferred',
  handle: async (deps, client, form, by) => {
    const code = readCode(form);
    if (code.ok) return deps.redeemHandle({ client, kind: 'deferral_code', code: code.value }, by);
    await deps.ledger.note({ refusal: code.error, by, attempted: 'poll' });
    return code;
  },
};

function readCode(form: Form): Result<string, Refusal> {
  const code = param(form, 'deferral_code');
  if (code === undefined) return err({ code: 'malformed', what: 'deferral_code is required' });
  if (EXCHANGE_PARAMETERS.some((name) => param(form, name) !== undefined)) {
    return err({ code: 'malformed', what: 'a poll takes no parameter of the exchange' });
  }
  return ok(code);
}
