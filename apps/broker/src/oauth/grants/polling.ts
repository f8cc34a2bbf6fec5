/** The polling grants: one handle under the names of the deferred exchange (individual draft -00), of CIBA and of the device flow (RFC 8628). */
import { err, type HandleKind, ok, type Refusal, type Result } from '@sallyport/core';
import { whileConnected } from '../../while-connected.ts';
import { type Form, param } from '../form.ts';
import { GRANT_TYPE } from '../names.ts';
import { holdMs } from '../prefer.ts';
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

/** A grant that polls with a handle of this kind; the parameter is named like the kind. */
export function pollingGrant(name: GrantType['name'], inPolicy: GrantType['inPolicy'], kind: HandleKind): GrantType {
  return {
    name,
    inPolicy,
    handle: async (deps, { client, form, by, jkt, request }) => {
      const code = readCode(form, kind);
      if (!code.ok) {
        await deps.ledger.note({ refusal: code.error, by, attempted: 'poll' });
        return code;
      }
      const poll = { client, kind, code: code.value, ...(jkt === undefined ? {} : { jkt }) };
      return whileConnected(request, (gone) => deps.heldPolls(poll, by, holdMs(request.headers.prefer), gone));
    },
  };
}

export const deferred = pollingGrant(GRANT_TYPE.deferred, 'deferred', 'deferral_code');
export const backchannel = pollingGrant(GRANT_TYPE.ciba, 'ciba', 'auth_req_id');
export const device = pollingGrant(GRANT_TYPE.device, 'device', 'device_code');

function readCode(form: Form, name: HandleKind): Result<string, Refusal> {
  const code = param(form, name);
  if (code === undefined) return err({ code: 'malformed', what: `${name} is required` });
  if (EXCHANGE_PARAMETERS.some((other) => param(form, other) !== undefined)) {
    return err({ code: 'malformed', what: 'a poll takes no parameter of the exchange' });
  }
  return ok(code);
}
