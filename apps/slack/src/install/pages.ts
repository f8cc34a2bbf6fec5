/** Owns the pages of the installation: one to begin, one for what came of it. Plain HTML, no script, every text escaped. */
import { createHash } from 'node:crypto';
import type { InstallDone, InstallNo } from './finish.ts';

export interface Page {
  readonly status: number;
  readonly title: string;
  /** HTML. */
  readonly main: string;
}

const STYLE = `:root{color-scheme:light dark;--line:#8886;--accent:#1d6b4f;--on:#fff}
@media(prefers-color-scheme:dark){:root{--accent:#7ed3b2;--on:#10221b}}
body{font:1rem/1.55 system-ui,sans-serif;max-width:36rem;margin:0 auto;padding:1.4rem 1.25rem}
h1{font-size:1.7rem;line-height:1.2;margin:1.6rem 0 .5rem;overflow-wrap:anywhere}
a.main{display:inline-block;margin:1rem 0;padding:.65rem 1.2rem;border-radius:9px;background:var(--accent);color:var(--on);font-weight:600;text-decoration:none}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
code{overflow-wrap:anywhere}footer{margin-top:2.5rem;border-top:1px solid var(--line);font-size:.88rem}`;

/** Nothing but our own style; the way to Slack is a link. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'`;

/** The whole document. */
export function documentOf({ title, main }: Page): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escaped(title)} · Sallyport</title><style>${STYLE}</style></head>
<body><b>Sallyport</b><main><h1>${escaped(title)}</h1>${main}</main>
<footer><p>One person asks, another opens.</p></footer></body></html>
`;
}

/** Where everybody begins. */
export function beginPage(authorizeUrl: string): Page {
  return {
    status: 200,
    title: 'Add Sallyport to a Slack workspace',
    main: `<p>Slack will show what the app may do and ask in which workspace. Only workspaces the operator of this Sallyport
has listed are taken.</p>
<p><a class="main" href="${escaped(authorizeUrl)}" rel="noreferrer">Add to Slack</a></p>
<p>This page is good for ten minutes, in this browser.</p>`,
  };
}

/** It worked. */
export function donePage({ team, name }: InstallDone, ownToken: boolean): Page {
  const where = name === undefined ? team : `${name} (${team})`;
  const own = ownToken
    ? '<p>This workspace already has its token in <code>SLACK_BOT_TOKEN</code>, which stays the one in use.</p>'
    : '';
  return {
    status: 200,
    title: `Installed in ${where}`,
    main: `${own}<p>Next: in each channel that shall get cards, type <code>/invite @Sallyport</code>. Then
<code>sallyport doctor slack</code> says whether anything is missing.</p>`,
  };
}

const AGAIN = '<p><a class="main" href="/slack/install">Start again</a></p>';

/** Somebody said no at Slack. */
export function canceledPage(): Page {
  return { status: 200, title: 'Nothing was installed', main: `<p>It was canceled in Slack.</p>${AGAIN}` };
}

/** Too late, another browser, or a second time. */
export function strangerPage(): Page {
  return {
    status: 400,
    title: 'This cannot be finished here',
    main: `<p>It was begun in another browser, more than ten minutes ago, or it is finished already.</p>${AGAIN}`,
  };
}

/** Nothing was kept. */
export function refusedPage(no: InstallNo): Page {
  return { title: 'Not installed', ...wordsFor(no) };
}

function wordsFor(no: InstallNo): Omit<Page, 'title'> {
  switch (no.why) {
    case 'slack_away':
      return { status: 503, main: `<p>Slack did not answer. Nothing was kept.</p>${AGAIN}` };
    case 'code_refused':
      return {
        status: 400,
        main: `<p>Slack did not accept the way back (<code>${escaped(no.code)}</code>).</p>${AGAIN}`,
      };
    case 'team_not_allowed':
      return {
        status: 403,
        main: `<p>The workspace <code>${escaped(no.team)}</code> is not one of those this Sallyport works for. The app was taken
out of it again. If it should be one, its id belongs into <code>SLACK_TEAM_IDS</code>.</p>`,
      };
    case 'scopes_missing':
      return {
        status: 403,
        main: `<p>Slack did not grant everything the app needs. Missing: <code>${escaped(no.scopes.join(', '))}</code>. Compare the
app with <code>infra/slack/manifest.yaml</code>. Nothing was kept.</p>${AGAIN}`,
      };
    case 'organisation_wide':
      return {
        status: 403,
        main: `<p>It was installed for a whole organisation. Sallyport works in one workspace at a time: choose one when Slack
asks. Nothing was kept.</p>${AGAIN}`,
      };
    case 'token_rotates':
      return {
        status: 403,
        main: '<p>Token rotation is on in the app’s settings, which Sallyport does not use. Switch it off as in the manifest. Nothing was kept.</p>',
      };
    case 'not_stored':
      return { status: 503, main: `<p>The installation could not be stored. Nothing was kept.</p>${AGAIN}` };
  }
}

/** Text as HTML shows it, also inside an attribute in quotes; what hides text or turns it round is left out. */
function escaped(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '').replace(/[&<>"']/g, (found) => `&#${found.charCodeAt(0)};`);
}
