/** The consent page at /oauth/v2/authorize: who installs the app in which team, and the way back with a code or a no. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { queryOf, readBody, sendJson } from './http-io.ts';
import type { User } from './model.ts';
import type { Parts } from './parts.ts';

const PATH = 'v2/authorize';
const HEAD = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
};

interface Asked {
  readonly scopes: readonly string[];
  readonly state: string;
  readonly redirectUri: string | undefined;
}

/** Answers one request below /oauth/. GET shows the page, POST is the answer to it. */
export async function serveConsent(
  parts: Parts,
  req: IncomingMessage,
  res: ServerResponse,
  name: string,
): Promise<void> {
  if (name !== PATH) return sendJson(res, 404, { error: `not supported: /oauth/${name}` });
  const query = queryOf(req);
  const asked = askedBy(parts, query);
  if (typeof asked === 'string') return page(res, 400, `<p role="alert">${escaped(asked)}</p>`);
  if (req.method !== 'POST') return page(res, 200, form(parts, asked));
  const given = new URLSearchParams((await readBody(req)) ?? '');
  const user = parts.store.state.users[given.get('user') ?? ''];
  if (user === undefined || !mayInstall(user))
    return page(res, 400, '<p role="alert">Nobody who may install apps.</p>');
  const back = new URL(asked.redirectUri ?? parts.redirectUrl());
  if (given.get('answer') === 'allow') {
    const { id, team_id: team } = user;
    const { scopes, redirectUri } = asked;
    back.searchParams.set('code', parts.installs.codeFor({ user: id, team, scopes, redirectUri }));
  } else back.searchParams.set('error', 'access_denied');
  back.searchParams.set('state', asked.state);
  res.writeHead(302, { location: back.href, 'cache-control': 'no-store' }).end();
}

/** What the app asks for, or Slack's complaint. */
function askedBy(parts: Parts, query: URLSearchParams): Asked | string {
  if (parts.credentials === undefined || query.get('client_id') !== parts.credentials.clientId) {
    return 'Invalid client_id parameter';
  }
  const redirectUri = query.get('redirect_uri') ?? undefined;
  if (redirectUri !== undefined && redirectUri !== parts.redirectUrl()) {
    return 'redirect_uri did not match any configured URIs';
  }
  const scopes = (query.get('scope') ?? '').split(',').filter((one) => one !== '');
  if (scopes.length === 0) return 'No scopes requested';
  if (query.get('user_scope')) return 'not supported: user_scope';
  return { scopes, state: query.get('state') ?? '', redirectUri };
}

/** Full members of any team. */
function mayInstall(user: User): boolean {
  return !user.deleted && !user.is_bot && !user.is_restricted && !user.is_ultra_restricted;
}

function form(parts: Parts, { scopes }: Asked): string {
  const { teams, users, app } = parts.store.state;
  const options = Object.values(users)
    .filter(mayInstall)
    .map((one) => {
      const where = teams[one.team_id]?.name ?? one.team_id;
      return `<option value="${escaped(one.id)}">${escaped(`${one.real_name}, in ${where} (${one.team_id})`)}</option>`;
    });
  return `<h1>${escaped(app.name)} is requesting permission to access a workspace</h1>
<ul>${scopes.map((scope) => `<li><code>${escaped(scope)}</code></li>`).join('')}</ul>
<form method="post">
<p><label for="user">You are</label> <select id="user" name="user">${options.join('')}</select></p>
<p><button name="answer" value="cancel">Cancel</button> <button name="answer" value="allow">Allow</button></p>
</form>`;
}

function page(res: ServerResponse, status: number, body: string): void {
  const text = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Install an app</title>
<style>body{font:1rem/1.5 system-ui;max-width:40rem;margin:2rem auto;padding:0 1rem}</style></head>
<body><p>Local workspace, not Slack</p><main>${body}</main></body></html>`;
  res.writeHead(status, HEAD).end(text);
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}
