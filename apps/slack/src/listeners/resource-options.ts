/** The resource list of the form: only what this person may ask for, from the policy in memory. */
import type { Desk } from '../desk.ts';
import { readSearch } from '../payload.ts';
import { matching, requestables } from '../requestable.ts';
import type { PlainOption } from '../views/blocks.ts';
import { limits } from '../views/limits.ts';
import { resourceOption } from '../views/request-modal-view.ts';
import { recentAsks } from './recent-asks.ts';

export interface Searched {
  readonly body: unknown;
  readonly ack: (answer: { readonly options: PlainOption[] }) => Promise<void>;
}

/** Answers a search; before anything is typed with what they asked for lately first. Nobody we know gets an empty list. */
export async function resourceOptions(desk: Desk, { body, ack }: Searched): Promise<void> {
  const { actor, typed } = readSearch(body);
  const options = await found(desk, actor, typed).catch((err: unknown) => {
    desk.logger.error('slack.options_failed', { err });
    return [];
  });
  await ack({ options });
}

async function found(desk: Desk, actor: ReturnType<typeof readSearch>['actor'], typed: string): Promise<PlainOption[]> {
  const who = await desk.identities.identify(actor, { live: false });
  if (!who.ok) return [];
  const policy = desk.policies.inForce();
  const { person } = who.value;
  const all = requestables(policy, person);
  if (typed.trim() !== '') return matching(all, typed, limits.options).map(({ resource }) => resourceOption(resource));
  const recent = (await recentAsks(desk, policy, person)).map(({ request }) => request.access.resource);
  const first = all.filter(({ resource }) => recent.includes(resource.id));
  const rest = all.filter(({ resource }) => !recent.includes(resource.id));
  return [...first, ...rest].slice(0, limits.options).map(({ resource }) => resourceOption(resource));
}
