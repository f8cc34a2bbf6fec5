/** Owns `/slack/install` and `/slack/oauth_redirect`: the way to Slack and back. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Secret, SLACK_BOT_SCOPES, setSecurityHeaders } from '@sallyport/platform';
import { type FinishDeps, finishInstall } from './finish.ts';
import type { Installing } from './installations.ts';
import { comesBack, LEAVE_MINUTES, leaves } from './leave.ts';
import {
  beginPage,
  canceledPage,
  documentOf,
  donePage,
  PAGE_POLICY,
  type Page,
  refusedPage,
  strangerPage,
} from './pages.ts';

export interface InstallDoor {
  /** True: it was for this door, and is answered. */
  handle(req: IncomingMessage, res: ServerResponse): Promise<boolean>;
}

export interface InstallDoorDeps extends FinishDeps, Pick<Installing, 'box' | 'first' | 'now'> {
  readonly clientId: Secret<string>;
  /** Whether people reach us over https: then the cookie says so. */
  readonly secure: boolean;
  /** Whether the bot token is of this team. */
  readonly isOwn: (team: string) => boolean;
  /** Something was installed. */
  readonly onInstalled: () => Promise<void>;
}

export const INSTALL_PATH = '/slack/install';
export const REDIRECT_PATH = '/slack/oauth_redirect';
const VALUE_LENGTH_MAX = 1_000;

/** Makes the door. */
export function makeInstallDoor(deps: InstallDoorDeps): InstallDoor {
  return {
    async handle(req, res) {
      const [pathname, query = ''] = (req.url ?? '/').split('?', 2);
      if (pathname !== INSTALL_PATH && pathname !== REDIRECT_PATH) return false;
      if (req.method !== 'GET') {
        res.writeHead(405, { allow: 'GET', 'content-length': 0 }).end();
        return true;
      }
      if (pathname === INSTALL_PATH) await begin(deps, res);
      else show(res, await end(deps, req, new URLSearchParams(query)), cookieOf(deps.secure));
      return true;
    },
  };
}

async function begin(deps: InstallDoorDeps, res: ServerResponse): Promise<void> {
  const { state, cookie } = await leaves(deps);
  // Without `redirect_uri` Slack takes the one that is registered: we need not know our own public address.
  const authorize = new URL('/oauth/v2/authorize', deps.apiUrl);
  authorize.search = new URLSearchParams({
    client_id: deps.clientId.reveal(),
    scope: SLACK_BOT_SCOPES.join(','),
    state,
  }).toString();
  show(res, beginPage(authorize.href), cookieOf(deps.secure, cookie));
}

async function end(deps: InstallDoorDeps, req: IncomingMessage, query: URLSearchParams): Promise<Page> {
  const [state, code, error] = ['state', 'code', 'error'].map((name) => one(query, name));
  const cookie = cookieIn(req.headers.cookie, deps.secure);
  if (state === undefined || !(await comesBack(deps, { state, cookie }))) return strangerPage();
  if (error !== undefined || code === undefined) return canceledPage();
  const done = await finishInstall(deps, code);
  if (!done.ok) return refusedPage(done.error);
  await deps.onInstalled();
  return donePage(done.value, deps.isOwn(done.value.team));
}

/** A parameter that was sent once, and is not larger than such things are. */
function one(query: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = query.getAll(name);
  return more.length > 0 || value === undefined || value === '' || value.length > VALUE_LENGTH_MAX ? undefined : value;
}

/** Sends a page, never to be kept by anybody. */
function show(res: ServerResponse, page: Page, cookie: string): void {
  setSecurityHeaders(res);
  res.writeHead(page.status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': PAGE_POLICY,
    'cache-control': 'no-store',
    'set-cookie': cookie,
  });
  res.end(documentOf(page));
}

/** Over https no other host and no plain connection can set it (RFC 6265bis section 4.1.3.2). */
function nameOf(secure: boolean): string {
  return `${secure ? '__Host-' : ''}sallyport-slack-install`;
}

/** Set-Cookie; without a value it ends. */
function cookieOf(secure: boolean, value = ''): string {
  const age = value === '' ? 0 : LEAVE_MINUTES * 60;
  const parts = [`${nameOf(secure)}=${value}`, 'Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${age}`];
  return [...parts, ...(secure ? ['Secure'] : [])].join('; ');
}

/** The one value a browser sent; two of them are none: one was planted. */
function cookieIn(header: string | undefined, secure: boolean): string | undefined {
  const start = `${nameOf(secure)}=`;
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(start));
  return values.length === 1 ? values[0]?.slice(start.length) : undefined;
}
