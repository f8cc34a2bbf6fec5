/** Renders the demo issuer's one page: what it is, and the commands to copy. */
import { demoWorkloads } from './workloads.ts';

const PEOPLE = [
  ['alice', 'Alice Ahn, payments'],
  ['bob', 'Bob Berg, her manager'],
  ['carol', 'Carol Cole, dba'],
  ['dan', 'Dan Dorn, dba'],
  ['dave', 'Dave Diaz, in no group'],
] as const;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for HTML. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (found) => escapes[found] ?? found);

const STYLE = `
  :root { color-scheme: light dark; --ink: #1d1c1d; --soft: #5b5a5e; --line: #d9d8dc; --paper: #ffffff; --well: #f5f4f6; --accent: #6d3bb8; }
  @media (prefers-color-scheme: dark) { :root { --ink: #ececee; --soft: #a9a8ae; --line: #3a393e; --paper: #1b1a1e; --well: #242328; --accent: #c3a3f5; } }
  body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
  main { max-width: 46rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; }
  h1 { margin: 0 0 .25rem; font-size: 1.7rem; letter-spacing: -.01em; }
  h2 { margin: 2.5rem 0 .25rem; font-size: 1.15rem; }
  p { margin: .5rem 0; color: var(--soft); }
  .mark { display: inline-block; margin-bottom: 1rem; padding: .15rem .6rem; border: 1px solid var(--line); border-radius: 99px; font-size: .82rem; color: var(--soft); }
  pre { overflow-x: auto; padding: .9rem 1rem; background: var(--well); border: 1px solid var(--line); border-radius: 8px; font: 13px/1.6 ui-monospace, monospace; color: var(--ink); }
  table { width: 100%; border-collapse: collapse; margin: .75rem 0; }
  td { padding: .45rem .5rem .45rem 0; border-top: 1px solid var(--line); vertical-align: top; }
  code { font-family: ui-monospace, monospace; font-size: .9em; }
  a { color: var(--accent); }
`;

const row = (href: string, name: string, about: string) =>
  `<tr><td><a href="${escapeHtml(href)}"><code>${escapeHtml(name)}</code></a></td><td>${escapeHtml(about)}</td></tr>`;

/** @param origin the issuers' common origin  @param broker the broker's issuer identifier */
export function renderPage(origin: string, broker: string): string {
  const people = PEOPLE.map(([sub, about]) => row(`/workforce/token?sub=${sub}`, sub, about)).join('');
  const jobs = demoWorkloads.map((one) => row(`/ci/token?workload=${one.id}`, one.id, one.about)).join('');
  const exchange = [
    `JOB=$(curl -s '${origin}/ci/token?workload=payments-deploy')`,
    `curl -s ${broker}/oauth/token -d client_id=ci \\`,
    '  -d grant_type=urn:ietf:params:oauth:grant-type:token-exchange \\',
    '  -d subject_token_type=urn:ietf:params:oauth:token-type:jwt -d "subject_token=$JOB" \\',
    '  -d audience=https://orders-db.acme.test -d scope=orders:write',
  ].join('\n');
  const ask = [
    `ME=$(curl -s '${origin}/workforce/token?sub=alice')`,
    `curl -s ${broker}/v1/access-requests -H "Authorization: Bearer $ME" -H 'content-type: application/json' \\`,
    `  -d '{"resource":"orders-db","role":"admin","duration":"30m","justification":"Fix the stuck refunds","subject":{"workload":"payments-deploy"}}'`,
  ].join('\n');
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Demo token issuer</title><style>${STYLE}</style></head>
<body><main>
<span class="mark">Demo only: anybody here gets a token for anybody</span>
<h1>Demo token issuer</h1>
<p>Plays two parts for the local Sallyport at <a href="${escapeHtml(broker)}/docs">${escapeHtml(broker)}</a>: the company’s identity provider, and a CI system that gives each job a token of its own.</p>
<h2>People</h2>
<p><code>${escapeHtml(origin)}/workforce</code> signs ID tokens, good for an hour.</p>
<table><tbody>${people}</tbody></table>
<p>Ask for access as Alice, without Slack:</p>
<pre><code>${escapeHtml(ask)}</code></pre>
<h2>Pipelines</h2>
<p><code>${escapeHtml(origin)}/ci</code> signs job tokens, good for five minutes, each for one exchange.</p>
<table><tbody>${jobs}</tbody></table>
<p>Exchange a job’s token for one that opens the database, once people have approved:</p>
<pre><code>${escapeHtml(exchange)}</code></pre>
<h2>Documents</h2>
<p><a href="/workforce/.well-known/openid-configuration">workforce: discovery</a> and <a href="/workforce/jwks">keys</a>; <a href="/ci/.well-known/openid-configuration">ci: discovery</a> and <a href="/ci/jwks">keys</a></p>
</main></body>
</html>
`;
}
