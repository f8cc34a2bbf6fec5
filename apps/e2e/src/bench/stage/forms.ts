/** The forms of the OAuth endpoints, as the load generator sends them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AUDIENCE, CLIENT, RESOURCE_CLIENT, RESOURCE_CLIENT_SECRET, SCOPE } from './policy.ts';
import type { Stage } from './stage.ts';

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' } as const;
export const BASIC = {
  ...FORM,
  authorization: `Basic ${Buffer.from(`${RESOURCE_CLIENT}:${RESOURCE_CLIENT_SECRET}`).toString('base64')}`,
} as const;

const TE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const DEFERRED = 'urn:ietf:params:oauth:grant-type:deferred';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';

/** An exchange of one job token. */
export function exchangeForm(subjectToken: string, more: Readonly<Record<string, string>> = {}): string {
  return form({
    grant_type: TE,
    client_id: CLIENT,
    subject_token: subjectToken,
    subject_token_type: JWT,
    audience: AUDIENCE,
    scope: SCOPE,
    ...more,
  });
}

/** A poll with a handle. */
export function pollForm(code: string): string {
  return form({ grant_type: DEFERRED, client_id: CLIENT, deferral_code: code });
}

/** A question about, or the revocation of, one token. */
export function tokenForm(token: string, more: Readonly<Record<string, string>> = {}): string {
  return form({ token, ...more });
}

function form(params: Readonly<Record<string, string>>): string {
  return new URLSearchParams(params).toString();
}

/** Writes bodies where the load generator finds them. */
export function bodiesFile(stage: Stage, name: string, bodies: readonly string[]): string {
  const file = join(stage.folder, `${name}.bodies`);
  writeFileSync(file, `${bodies.join('\n')}\n`);
  return file;
}
