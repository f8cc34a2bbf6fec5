/** The parameters of a device authorization request (RFC 8628 section 3.1): from the form to a typed ask. */
import { err, ok, type Refusal, type Result, type StartDeviceCommand } from '@sallyport/core';
import { type Form, param } from './form.ts';
import { readDetails, readScopes, readTargets, readWish } from './token-params.ts';

type Params = Omit<StartDeviceCommand, 'client' | 'jkt'>;

/** Reads them. The target may be left out: some clients can name scopes alone. Refusals: malformed, details_not_covered. */
export function readDeviceParams(form: Form): Result<Params, Refusal> {
  const named = param(form, 'audience') !== undefined || param(form, 'resource') !== undefined;
  const targets = named ? readTargets(form) : ok([]);
  if (!targets.ok) return targets;
  const scopes = readScopes(param(form, 'scope'));
  if (scopes === undefined) return err({ code: 'malformed', what: 'scope is required' });
  const details = readDetails(form);
  if (!details.ok) return details;
  const wish = readWish(form);
  return wish.ok ? ok({ targets: targets.value, scopes, ...details.value, ...wish.value }) : wish;
}
