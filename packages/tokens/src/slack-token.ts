/** Owns how a Slack workspace's bot token lies at rest: under the key-encryption key, bound to its team. */
import type { KeyWrapping } from './key-wrapping.ts';

/** A token as it is stored: it opens for this team only. */
export function sealSlackToken(wrapping: KeyWrapping, team: string, token: string): Promise<string> {
  return wrapping.wrap(new TextEncoder().encode(token), about(team));
}

/** The token; undefined when another key sealed it, or for another team. */
export async function openSlackToken(
  wrapping: KeyWrapping,
  { team, sealedToken }: { readonly team: string; readonly sealedToken: string },
): Promise<string | undefined> {
  const plain = await wrapping.unwrap(sealedToken, about(team));
  return plain === undefined ? undefined : new TextDecoder().decode(plain);
}

function about(team: string): string {
  return `slack bot token of ${team}`;
}
