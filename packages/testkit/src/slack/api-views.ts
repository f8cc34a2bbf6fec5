/** The `views.*` methods: opening, pushing, updating modals and publishing Home tabs. */
import { type ApiResult, type Args, done, failed, type MethodFamily, missing, textArg } from './api-method.ts';
import { type Checked, checkHome, checkModal } from './limits.ts';
import type { Parts } from './parts.ts';
import type { Changed } from './views.ts';
import { wireView } from './wire.ts';

const none = () => [];

export const viewMethods: MethodFamily = {
  'views.open': {
    token: 'bot',
    scopes: none,
    args: ['trigger_id', 'view'],
    run: (parts, args) => start(parts, args, 'open'),
  },
  'views.push': {
    token: 'bot',
    scopes: none,
    args: ['trigger_id', 'view'],
    run: (parts, args) => start(parts, args, 'push'),
  },
  'views.update': { token: 'bot', scopes: none, args: ['view_id', 'external_id', 'hash', 'view'], run: updateView },
  'views.publish': { token: 'bot', scopes: none, args: ['user_id', 'hash', 'view'], run: publish },
};

/** The view is checked first: a bad view does not use up the trigger. */
function start(parts: Parts, args: Args, how: 'open' | 'push'): ApiResult {
  const method = `views.${how}`;
  const triggerId = textArg(args, 'trigger_id');
  if (!triggerId) return missing('trigger_id');
  const view = checkModal(args.view);
  if (!view.ok) return badView(parts, method, view);
  const trigger = parts.triggers.redeem(triggerId);
  if (!trigger.ok) {
    parts.store.violate('expired_trigger_id', method, `${trigger.error}: ${trigger.detail}`);
    return failed(trigger.error);
  }
  return answer(parts, parts.views[how](trigger.user, view.value));
}

function updateView(parts: Parts, args: Args): ApiResult {
  const view = checkModal(args.view);
  if (!view.ok) return badView(parts, 'views.update', view);
  const view_id = textArg(args, 'view_id');
  const external_id = textArg(args, 'external_id');
  if (view_id === undefined && external_id === undefined) return missing('view_id or external_id');
  const target = { ...(view_id ? { view_id } : {}), ...(external_id ? { external_id } : {}) };
  return answer(parts, parts.views.update(target, textArg(args, 'hash'), view.value));
}

function publish(parts: Parts, args: Args): ApiResult {
  const user = parts.store.state.users[textArg(args, 'user_id') ?? ''];
  if (!user) return failed('invalid_arguments', { response_metadata: { messages: ['invalid `user_id`'] } });
  const view = checkHome(args.view);
  if (!view.ok) return badView(parts, 'views.publish', view);
  return answer(parts, parts.views.publish(user.id, textArg(args, 'hash'), view.value));
}

function answer(parts: Parts, changed: Changed<Parameters<typeof wireView>[1]>): ApiResult {
  return changed.ok ? done({ view: wireView(parts.store.state, changed.view) }) : failed(changed.error);
}

function badView(parts: Parts, method: string, bad: Exclude<Checked<unknown>, { ok: true }>): ApiResult {
  parts.store.violate(bad.unsupported ? 'not_supported' : 'invalid_view', method, bad.messages.join('; '));
  if (bad.tooLarge) return failed('view_too_large');
  return failed('invalid_arguments', { response_metadata: { messages: bad.messages.map((m) => `[ERROR] ${m}`) } });
}
