/** The parameters of a backchannel start (CIBA section 7.1): from the form to a typed ask. */
import {
  type Duration,
  duration,
  err,
  type Hint,
  isPrincipalId,
  ok,
  parsePrincipal,
  person,
  type Refusal,
  type Result,
  type StartBackchannelCommand,
} from '@sallyport/core';
import { type Form, param } from './form.ts';
import { readDetails, readScopes, readTargets, readWish } from './token-params.ts';

type Params = Omit<StartBackchannelCommand, 'client' | 'jkt'>;

/** Plain enough to be compared by eye on a card and in a terminal. */
const BINDING_MESSAGE = /^[A-Za-z0-9 ._#-]{1,64}$/;
const EXPIRY = /^[1-9][0-9]{0,6}$/;
const HINTS = ['login_hint_token', 'login_hint', 'id_token_hint'] as const;

/** Reads them. Refusals: malformed, scope_not_covered, details_not_covered, hint_unknown, binding_message_rejected. */
export function readBackchannelParams(form: Form): Result<Params, Refusal> {
  const hint = readHint(form);
  if (!hint.ok) return hint;
  const targets = readTargets(form);
  if (!targets.ok) return targets;
  const scopes = readScopes(param(form, 'scope'));
  if (scopes === undefined) return err({ code: 'malformed', what: 'scope is required' });
  const details = readDetails(form);
  if (!details.ok) return details;
  const wish = readWish(form);
  if (!wish.ok) return wish;
  const words = readBindingMessage(form);
  if (!words.ok) return words;
  const expiry = readExpiry(form);
  if (!expiry.ok) return expiry;
  return ok({
    hint: hint.value,
    targets: targets.value,
    scopes,
    ...details.value,
    ...wish.value,
    ...words.value,
    ...expiry.value,
  });
}

/** Exactly one. An ID token as a hint would be one of ours, and we issue none. */
function readHint(form: Form): Result<Hint, Refusal> {
  const given = HINTS.filter((name) => param(form, name) !== undefined);
  const [name, ...others] = given;
  if (name === undefined || others.length > 0 || name === 'id_token_hint') {
    return err({ code: 'malformed', what: 'exactly one of login_hint_token and login_hint is required' });
  }
  const value = param(form, name) ?? '';
  if (name === 'login_hint_token') return ok({ kind: 'token', token: value });
  const principal = parsePrincipal(value) ?? (isPrincipalId(value) ? person(value) : undefined);
  return principal === undefined ? err({ code: 'hint_unknown', why: 'no_name' }) : ok({ kind: 'named', principal });
}

function readBindingMessage(form: Form): Result<Pick<Params, 'bindingMessage'>, Refusal> {
  const text = param(form, 'binding_message');
  if (text === undefined) return ok({});
  return BINDING_MESSAGE.test(text) ? ok({ bindingMessage: text }) : err({ code: 'binding_message_rejected' });
}

/** Whole seconds. */
function readExpiry(form: Form): Result<{ readonly requestedExpiry?: Duration }, Refusal> {
  const text = param(form, 'requested_expiry');
  if (text === undefined) return ok({});
  if (!EXPIRY.test(text)) return err({ code: 'malformed', what: 'requested_expiry is whole seconds, like 600' });
  return ok({ requestedExpiry: duration(Number(text) * 1_000) });
}
