/** Owns views: each person's stack of modals (3 at most) and Home tab, their hashes and what was typed in them. */
import type { HomePayload, ModalPayload } from './blocks.ts';
import { slackId, viewHash } from './ids.ts';
import type { AnyView, HomeView, ModalView } from './model.ts';
import { listOf, pushBounded, type Store } from './store.ts';
import { valuesFor } from './values.ts';

export const STACK_MAX = 3;
const CLOSED_MAX = 50;

export type Changed<T> = { ok: true; view: T } | { ok: false; error: string };

export interface Views {
  /** A new stack with one view; an open one is replaced. */
  open(user: string, payload: ModalPayload): Changed<ModalView>;
  push(user: string, payload: ModalPayload): Changed<ModalView>;
  update(
    target: { view_id?: string; external_id?: string },
    hash: string | undefined,
    payload: ModalPayload,
  ): Changed<ModalView>;
  publish(user: string, hash: string | undefined, payload: HomePayload): Changed<HomeView>;
  /** Takes one view, or with `all` the whole stack, away. Returns what was closed. */
  close(view: ModalView, all: boolean): ModalView[];
  top(user: string): ModalView | undefined;
  /** An open view, or one closed a little while ago. */
  find(viewId: string): { view: ModalView; open: boolean } | undefined;
  home(user: string): HomeView | undefined;
  /** Stores a changed view (values, errors, busy). */
  put(view: AnyView): void;
}

/** Views over the store. */
export function createViews(store: Store): Views {
  const closed: ModalView[] = [];
  const stack = (user: string): ModalView[] => listOf(store.state.views, user);
  const openViews = (): ModalView[] => Object.values(store.state.views).flat();

  const taken = (payload: { external_id?: string | undefined }, except?: string): boolean =>
    !!payload.external_id && openViews().some((v) => v.external_id === payload.external_id && v.id !== except);

  const made = (user: string, payload: ModalPayload, previous: ModalView | undefined): ModalView => {
    const id = slackId('V');
    return {
      ...fields(payload),
      id,
      user,
      hash: viewHash(store.now()),
      values: valuesFor(payload.blocks),
      previous_view_id: previous?.id ?? null,
      root_view_id: previous?.root_view_id ?? id,
      errors: {},
      trouble: null,
      busy: false,
    };
  };

  const views: Views = {
    open(user, payload) {
      if (taken(payload)) return { ok: false, error: 'duplicate_external_id' };
      for (const view of stack(user)) pushBounded(closed, view, CLOSED_MAX);
      const view = made(user, payload, undefined);
      store.state.views[user] = [view];
      store.changed({ kind: 'view', user });
      return { ok: true, view };
    },
    push(user, payload) {
      const below = stack(user);
      if (below.length === 0) return { ok: false, error: 'not_found' };
      if (below.length >= STACK_MAX) return { ok: false, error: 'push_limit_reached' };
      if (taken(payload)) return { ok: false, error: 'duplicate_external_id' };
      const view = made(user, payload, below.at(-1));
      below.push(view);
      store.changed({ kind: 'view', user });
      return { ok: true, view };
    },
    update(target, hash, payload) {
      const old = openViews().find((v) =>
        target.view_id ? v.id === target.view_id : v.external_id === target.external_id,
      );
      if (!old) return { ok: false, error: 'not_found' };
      if (hash !== undefined && hash !== old.hash) return { ok: false, error: 'hash_conflict' };
      if (taken(payload, old.id)) return { ok: false, error: 'duplicate_external_id' };
      const view: ModalView = {
        ...old,
        ...fields(payload),
        hash: viewHash(store.now()),
        values: valuesFor(payload.blocks, old.values),
        errors: {},
        trouble: null,
      };
      views.put(view);
      return { ok: true, view };
    },
    publish(user, hash, payload) {
      const old = store.state.homes[user];
      if (hash !== undefined && hash !== old?.hash) return { ok: false, error: 'hash_conflict' };
      const view: HomeView = {
        type: 'home',
        id: old?.id ?? slackId('V'),
        user,
        blocks: payload.blocks,
        callback_id: payload.callback_id ?? '',
        external_id: payload.external_id ?? '',
        private_metadata: payload.private_metadata ?? '',
        hash: viewHash(store.now()),
        values: valuesFor(payload.blocks, old?.values),
      };
      views.put(view);
      return { ok: true, view };
    },
    close(view, all) {
      const open = stack(view.user);
      const gone = all ? [...open] : open.filter((v) => v.id === view.id);
      store.state.views[view.user] = open.filter((v) => !gone.includes(v));
      for (const v of gone) pushBounded(closed, v, CLOSED_MAX);
      if (gone.length > 0) store.changed({ kind: 'view', user: view.user });
      return gone;
    },
    top: (user) => stack(user).at(-1),
    find(viewId) {
      const open = openViews().find((v) => v.id === viewId);
      if (open) return { view: open, open: true };
      const gone = closed.findLast((v) => v.id === viewId);
      return gone ? { view: gone, open: false } : undefined;
    },
    home: (user) => store.state.homes[user],
    put(view) {
      if (view.type === 'home') store.state.homes[view.user] = view;
      else store.state.views[view.user] = stack(view.user).map((v) => (v.id === view.id ? view : v));
      store.changed({ kind: view.type === 'home' ? 'home' : 'view', user: view.user });
    },
  };
  return views;
}

function fields(payload: ModalPayload) {
  return {
    type: 'modal' as const,
    blocks: payload.blocks,
    title: payload.title,
    submit: payload.submit ?? null,
    close: payload.close ?? null,
    callback_id: payload.callback_id ?? '',
    external_id: payload.external_id ?? '',
    private_metadata: payload.private_metadata ?? '',
    clear_on_close: payload.clear_on_close ?? false,
    notify_on_close: payload.notify_on_close ?? false,
    submit_disabled: payload.submit_disabled ?? false,
  };
}
