/** Renders the demo issuer's one page: what it is, and the commands to copy. */
import { escapeHtml, pageOf } from './look.ts';
import { demoPeople } from './people.ts';
import { demoWorkloads } from './workloads.ts';

const row = (href: string, name: string, about: string) =>
  `<tr><td><a href="${escapeHtml(href)}"><code>${escapeHtml(name)}</code></a></td><td>${escapeHtml(about)}</td></tr>`;

/** @param origin the issuers' common origin  @param broker the broker's issuer identifier */
export function renderPage(origin: string, broker: string): string {
  const people = demoPeople
    .map(({ sub, name, about }) => row(`/workforce/token?sub=${sub}`, sub, `${name}, ${about}`))
    .join('');
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
  return pageOf(
    'Demo token issuer',
    `<h1>Demo token issuer</h1>
<p>Plays two parts for the local Sallyport at <a href="${escapeHtml(broker)}/docs">${escapeHtml(broker)}</a>: the company’s identity provider, and a CI system that gives each job a token of its own.</p>
<h2>People</h2>
<p><code>${escapeHtml(origin)}/workforce</code> signs ID tokens, good for an hour; it is also where people sign in to <a href="${escapeHtml(broker)}/device">Sallyport’s own pages</a>.</p>
<table><tbody>${people}</tbody></table>
<p>Ask for access as Alice, without Slack:</p>
<pre><code>${escapeHtml(ask)}</code></pre>
<h2>Pipelines</h2>
<p><code>${escapeHtml(origin)}/ci</code> signs job tokens, good for five minutes, each for one exchange.</p>
<table><tbody>${jobs}</tbody></table>
<p>Exchange a job’s token for one that opens the database, once people have approved:</p>
<pre><code>${escapeHtml(exchange)}</code></pre>
<h2>Documents</h2>
<p><a href="/workforce/.well-known/openid-configuration">workforce: discovery</a> and <a href="/workforce/jwks">keys</a>; <a href="/ci/.well-known/openid-configuration">ci: discovery</a> and <a href="/ci/jwks">keys</a></p>`,
  );
}
