/** The resource list of the form: only what this person may ask for, from the policy in memory. */
import type { Desk } from '../desk.ts';
import { readSearch } from '../payload.ts';
import { matching, requestables } from '../requestable.ts';
import type { PlainOption } from '../views/blocks.ts';
import { limits } from '../views/limits.ts';
import { resourceOption } from '../views/request-modal-view.ts';

export interface Searched {
  readonly body: unknown;
  readonly ack: (answer: { readonly options: PlainOption[] }) => Promise<void>;
}

/** Answers a search. Nobody we know gets an empty list. */
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
  const all = requestables(desk.policies.inForce(), who.value.person);
  return matching(all, typed, limits.options).map(({ resource }) => resourceOption(resource));
}
