/** Owns reading `users.info`: the flags of one account, absent ones being false. */
import type { AskUserFacts } from '../identity.ts';
import type { WebClient } from './clients.ts';
import { slackFailure } from './slack-error.ts';

const UNKNOWN_ACCOUNT = new Set(['user_not_found', 'user_not_visible', 'users_not_found']);

/** Asks Slack. Throws when there is no answer; `lost` hears of a dead token. */
export function makeAskUserFacts(client: WebClient, lost: (code: string) => void): AskUserFacts {
  return async (user) => {
    const answer = await client.users.info({ user }).catch((thrown: unknown) => {
      const failure = slackFailure(thrown);
      if (failure.kind === 'dead_token') lost(failure.code);
      if (failure.kind === 'refused' && UNKNOWN_ACCOUNT.has(failure.code)) return undefined;
      throw thrown;
    });
    if (answer === undefined) return undefined;
    const facts = answer.user;
    if (facts === undefined || (facts.id !== undefined && facts.id !== user))
      throw new Error('users.info without the user');
    return {
      ...(facts.team_id === undefined ? {} : { team: facts.team_id }),
      deleted: facts.deleted === true,
      isBot: facts.is_bot === true,
      isRestricted: facts.is_restricted === true,
      isUltraRestricted: facts.is_ultra_restricted === true,
      isStranger: facts.is_stranger === true,
      ...nameIn(facts),
    };
  };
}

function nameIn({
  profile,
  real_name: real,
  name,
}: {
  profile?: { display_name?: string };
  real_name?: string;
  name?: string;
}): {
  readonly name?: string;
} {
  const found = [profile?.display_name, real, name].find((one) => one !== undefined && one !== '');
  return found === undefined ? {} : { name: found };
}
