/** What happens when a person types, chooses, searches, submits or closes in a modal or on the Home tab. */
import type { Option } from './blocks.ts';
import { suggestionSchema } from './blocks.ts';
import { actionFailure } from './clicks.ts';
import { notSent, outcomeOf } from './delivery.ts';
import type { Suggest, Suggested, ViewAct } from './face.ts';
import { isRecord, SUGGESTIONS_MAX } from './limits.ts';
import { dispatches, elementsOf, locate } from './locate.ts';
import type { AnyView, Located, Outcome, User } from './model.ts';
import type { Parts } from './parts.ts';
import { blockActions, blockSuggestion, type Chosen } from './payloads.ts';
import { userOf } from './store.ts';
import { choose } from './values.ts';

type Wanted = Pick<ViewAct, 'surface' | 'view_id' | 'action_id' | 'block_id'> & { value?: string | null | undefined };

/** Changes a value or presses a button; sends `block_actions` where the element dispatches. */
export async function actInView(parts: Parts, userId: string, act: ViewAct): Promise<Outcome> {
  const user = userOf(parts.store, userId);
  const found = find(parts, user, act);
  if ('why' in found) return notSent(found.why);
  const chosen = await chosenIn(parts, user, found, act.value ?? null, act.force ?? false);
  if ('why' in chosen) return notSent(chosen.why);
  const view = chosen.kind === 'state' ? keep(parts, found, chosen) : found.view;
  if (!dispatches(found.at)) return notSent(null);
  const triggerId = parts.triggers.issue(user.id);
  const place = { in: 'view' as const, view };
  const payload = blockActions(parts.store, { user, place, at: found.at, chosen, triggerId, responseUrl: undefined });
  const answer = await parts.courier.send({ kind: 'block_actions', payload });
  const sentence = answer.error && actionFailure(answer.error, answer.status);
  if (sentence) parts.store.notice(user.id, null, sentence);
  return outcomeOf(answer, sentence);
}

/** Asks the app what an external select offers for a query. Below `min_query_length` nothing is asked. */
export async function suggestIn(parts: Parts, userId: string, what: Suggest): Promise<Suggested> {
  const user = userOf(parts.store, userId);
  const found = find(parts, user, what);
  if ('why' in found) return { ...notSent(found.why), options: [] };
  const { element } = found.at;
  if (element.type !== 'external_select') return { ...notSent(`${what.action_id} offers no search`), options: [] };
  if (what.query.length < (element.min_query_length ?? 3)) return { ...notSent(null), options: [] };
  const place = { in: 'view' as const, view: found.view };
  const payload = blockSuggestion(parts.store, { user, place, at: found.at, query: what.query });
  const answer = await parts.courier.send({ kind: 'block_suggestion', payload });
  const options = answer.error ? undefined : optionsIn(parts, answer.body);
  parts.offered.set(offerKey(found), options ?? []);
  return { ...outcomeOf(answer, options ? null : 'The options could not be loaded.'), options: options ?? [] };
}

/** The options of an answer; undefined where Slack would show none, with the violation recorded. */
function optionsIn(parts: Parts, body: unknown): Option[] | undefined {
  const parsed = suggestionSchema.safeParse(body);
  if (!parsed.success) {
    const why = isRecord(body)
      ? parsed.error.issues.map((i) => `${i.message} at ${i.path.join('/')}`).join('; ')
      : 'no options';
    parts.store.violate('invalid_blocks', 'block_suggestion', why);
    return undefined;
  }
  const options = 'options' in parsed.data ? parsed.data.options : parsed.data.option_groups.flatMap((g) => g.options);
  if (options.length <= SUGGESTIONS_MAX) return options;
  parts.store.violate('too_many_options', 'block_suggestion', `${options.length} options, at most ${SUGGESTIONS_MAX}`);
  return undefined;
}

/** What the person picks or types, as the element's new state; searches first where the options come from the app. */
export async function chosenIn(
  parts: Parts,
  user: User,
  found: Found,
  value: string | null,
  force: boolean,
): Promise<Chosen | { why: string }> {
  const { element } = found.at;
  if (element.type === 'button') return { kind: 'button' };
  if (element.type === 'overflow') {
    const option = element.options.find((o) => o.value === value);
    return option ? { kind: 'menu', option } : { why: `"${value}" is not in that menu` };
  }
  const search = element.type === 'external_select' && value !== null && !force;
  const offered = search ? await offeredFor(parts, user, found, value) : [];
  const state = choose(element, value, offered, force);
  return state.ok ? { kind: 'state', value: state.value } : { why: state.why };
}

/** Offered already, or found by opening the list, or by typing the value: as a person would look for it. */
async function offeredFor(parts: Parts, user: User, found: Found, value: string): Promise<readonly Option[]> {
  const has = (options: readonly Option[]): boolean => options.some((o) => o.value === value);
  const known = parts.offered.get(offerKey(found)) ?? [];
  if (has(known)) return known;
  const { at, view } = found;
  const where = { surface: view.type, view_id: view.id, action_id: at.element.action_id ?? '', block_id: at.block_id };
  for (const query of ['', value]) {
    const { options } = await suggestIn(parts, user.id, { ...where, query });
    if (has(options)) return options;
  }
  return [];
}

export interface Found {
  view: AnyView;
  at: Located;
}

/** The element in the person's top modal (or the named view, or Home). */
function find(parts: Parts, user: User, wanted: Wanted): Found | { why: string } {
  const view = viewFor(parts, user, wanted);
  if (!view) return { why: wanted.surface === 'home' ? 'The Home tab is empty.' : 'There is no open modal.' };
  const at = locate(view.blocks, wanted);
  if (at) return { view, at };
  const ids = elementsOf(view.blocks).map((e) => e.element.action_id);
  return { why: `There is no ${wanted.action_id} there. Offered: ${ids.join(', ') || 'nothing'}` };
}

function viewFor(parts: Parts, user: User, wanted: Wanted): AnyView | undefined {
  if (wanted.surface === 'home') return parts.views.home(user.id);
  if (wanted.view_id === undefined) return parts.views.top(user.id);
  return parts.store.state.views[user.id]?.find((v) => v.id === wanted.view_id);
}

/** Keeps a new state with the view as it is now, not as it was when the search began. */
export function keep(parts: Parts, found: Found, chosen: Extract<Chosen, { kind: 'state' }>): AnyView {
  const { view: seen, at } = found;
  const now = (seen.type === 'home' ? parts.views.home(seen.user) : parts.views.find(seen.id)?.view) ?? seen;
  const block = { ...now.values[at.block_id], [at.element.action_id ?? '']: chosen.value };
  const view = { ...now, values: { ...now.values, [at.block_id]: block } };
  parts.views.put(view);
  return view;
}

function offerKey(found: Found): string {
  return `${found.view.id}|${found.at.block_id}|${found.at.element.action_id}`;
}
