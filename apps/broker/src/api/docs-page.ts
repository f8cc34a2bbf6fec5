/** The readable page of the OpenAPI document: plain HTML, escaped, with curl lines that can be pasted. No script. */
import { LOOK_CSS } from '../look.ts';
import { escapeHtml } from '../web/html.ts';
import type { Body, Example, OpenApiDocument, Operation } from './openapi.ts';

export const DOCS_CSS = `
${LOOK_CSS}
html{scroll-padding-top:1.5rem}
a:focus-visible,summary:focus-visible,pre:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
code,pre,.path,dt{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem .75rem}
.frame{display:grid;grid-template-columns:17rem minmax(0,1fr);max-width:76rem;margin:0 auto}
nav{position:sticky;top:0;align-self:start;max-height:100vh;overflow:auto;padding:2.6rem 1rem 2rem 1.5rem;font-size:.86rem}
nav b{display:block;margin:1.1rem 0 .3rem;color:var(--soft);font-weight:600}
nav ul{list-style:none;margin:0;padding:0}
nav li a{display:flex;gap:.5rem;align-items:baseline;padding:.18rem 0;color:inherit;text-decoration:none;overflow-wrap:anywhere}
nav li a:hover span:last-child{text-decoration:underline}
main{padding:2.4rem 1.5rem 6rem}
h1{font-size:2.1rem;line-height:1.15;letter-spacing:-.02em;margin:0 0 .6rem}
h2{margin:3rem 0 .2rem;font-size:1.35rem;letter-spacing:-.01em}
h2+p{margin:.1rem 0 1rem;color:var(--soft)}
h3{margin:0;font-size:1rem;display:flex;flex-wrap:wrap;gap:.6rem;align-items:center}
h3 .path{overflow-wrap:anywhere}
h4{margin:1.15rem 0 .35rem;font-size:.86rem;color:var(--soft);font-weight:600}
.lead{max-width:44rem;margin:0 0 1rem;color:var(--soft);font-size:1.05rem}
.steps{margin:1.4rem 0 0;padding:1rem 1.2rem 1rem 2.4rem;border:1px solid var(--line);border-radius:12px;background:var(--card)}
.steps li{margin:.25rem 0}
article{margin:0 0 1rem;padding:1.1rem 1.25rem 1.25rem;border:1px solid var(--line);border-radius:12px;background:var(--card)}
article:target{border-color:var(--accent)}
article>p{margin:.4rem 0 0;max-width:46rem}
.verb{flex:none;padding:.12rem .45rem;border-radius:6px;font:600 .74rem/1.4 ui-monospace,monospace;letter-spacing:.02em}
.verb.get{color:var(--get);background:var(--get-bg)}.verb.post{color:var(--post);background:var(--post-bg)}
nav .verb.get,nav .verb.post{padding:0;background:none;width:2.3rem}
.who{margin-left:auto;color:var(--soft);font-size:.8rem;font-weight:400}
dl{display:grid;grid-template-columns:minmax(9rem,max-content) minmax(0,1fr);gap:.25rem 1rem;margin:0}
dl.codes{grid-template-columns:3.2rem minmax(0,1fr)}
dt{font-size:.84rem;overflow-wrap:anywhere}dd{margin:0;color:var(--soft);font-size:.92rem;overflow-wrap:anywhere}
dt .must{color:var(--bad);font-family:system-ui,sans-serif}
dd em{color:var(--ink);font-style:normal}
figure{margin:.9rem 0 0}figcaption{margin:0 0 .3rem;font-size:.86rem;color:var(--soft);font-weight:600}
pre{margin:0;padding:.75rem .9rem;border:1px solid var(--line);border-radius:9px;background:var(--code);overflow-x:auto;font-size:.82rem;line-height:1.55}
footer{margin-top:3rem;color:var(--soft);font-size:.9rem}
@media(max-width:56rem){.frame{display:block}nav{position:static;max-height:none;padding:1.5rem 1.5rem 0}nav ul{columns:2 15rem}main{padding-top:1.5rem}}
@media(max-width:34rem){dl{grid-template-columns:minmax(0,1fr)}dd{margin-bottom:.35rem}.who{margin-left:0;width:100%}}`;

interface Listed {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

/** Renders the page. */
export function docsPage(document: OpenApiDocument): string {
  const base = document.servers?.[0]?.url ?? '';
  const title = escapeHtml(document.info.title);
  const listed = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Listed => ({ path, method, operation })),
  );
  const groups = (document.tags ?? []).map((tag) => ({
    ...tag,
    operations: listed.filter(({ operation }) => operation.tags?.[0] === tag.name),
  }));
  const contents = groups.map(
    ({ name, operations }) => `<b>${escapeHtml(name)}</b><ul>${operations.map(entry).join('')}</ul>`,
  );
  const sections = groups.map(
    ({ name, description = '', operations }) =>
      `<section aria-label="${escapeHtml(name)}"><h2>${escapeHtml(name)}</h2><p>${escapeHtml(description)}</p>${operations.map((one) => article(base, one)).join('')}</section>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title}: API</title><style>${DOCS_CSS}</style></head><body><a class="skip" href="#content">To the operations</a><div class="frame">
<nav aria-label="Operations">${contents.join('')}</nav><main id="content">
<h1>${title}</h1><p class="lead">${prose(document.info.description ?? '')}</p>
<p><a href="/openapi.json">OpenAPI 3.1 document</a> · <a href="/.well-known/oauth-authorization-server">Server metadata</a> · <a href="/oauth/jwks">Signing keys</a></p>
${STEPS}${sections.join('')}
<footer>Every answer carries <code>X-Correlation-Id</code>; name it when you ask whoever runs this.</footer></main></div></body></html>`;
}

/** The way of one access, as a newcomer walks it. */
const STEPS = `<ol class="steps"><li><a href="#postV1AccessRequests">Ask</a> for a role of a resource, for a time, and say why. Slack does the same.</li>
<li>The people the policy names <a href="#postV1AccessRequestsIdDecisions">decide</a>; <a href="#getV1AccessRequestsId">read with <code>wait</code></a> to hear at once.</li>
<li><a href="#postOauthToken">Exchange</a> your issuer's token for a short-lived access token, for that resource alone.</li>
<li>The resource checks it by the <a href="#getOauthJwks">keys</a> or by <a href="#postOauthIntrospect">introspection</a>.</li>
<li>It ends by itself, or when somebody <a href="#postV1GrantsIdRevoke">ends it now</a>.</li></ol>`;

function entry({ path, method, operation }: Listed): string {
  return `<li><a href="#${escapeHtml(operation.operationId ?? '')}">${verb(method)}<span>${escapeHtml(path)}</span></a></li>`;
}

function verb(method: string): string {
  return `<span class="verb ${method === 'get' ? 'get' : 'post'}">${escapeHtml(method.toUpperCase())}</span>`;
}

function article(base: string, one: Listed): string {
  const { path, method, operation } = one;
  return `<article id="${escapeHtml(operation.operationId ?? '')}"><h3>${verb(method)}<span class="path">${escapeHtml(path)}</span><span class="who">${whoMayCall(operation)}</span></h3>
<p>${prose(operation.summary ?? '')}</p>${fields(operation)}${calls(base, one)}${answers(operation)}</article>`;
}

function whoMayCall({ security = [] }: Operation): string {
  if (security.length === 0) return 'open to all';
  if (security.some((one) => one.bearer !== undefined)) return 'bearer token of a trusted issuer';
  return security.length > 1 ? 'OAuth client' : 'OAuth client with a secret';
}

function bodyOf(operation: Operation): readonly [string, Body] | undefined {
  return Object.entries(operation.requestBody?.content ?? {})[0];
}

function fields(operation: Operation): string {
  const parameters = (operation.parameters ?? []).map(({ name, in: where, required = false, description }) =>
    field(where === 'header' ? capitalized(name) : name, required, where, description),
  );
  const { properties = {}, required = [] } = bodyOf(operation)?.[1].schema ?? {};
  const members = Object.entries(properties).map(([name, member]) =>
    field(name, required.includes(name), undefined, member.description),
  );
  const rows = [...parameters, ...members];
  return rows.length === 0 ? '' : `<h4>Takes</h4><dl>${rows.join('')}</dl>`;
}

function field(name: string, required: boolean, where: string | undefined, description: string | undefined): string {
  const must = required ? ' <span class="must" title="required">required</span>' : '';
  const words = [where === undefined ? '' : `<em>${escapeHtml(where)}</em>`, prose(description ?? '')];
  return `<dt>${escapeHtml(name)}${must}</dt><dd>${words.filter((word) => word !== '').join(' · ')}</dd>`;
}

/** `idempotency-key` -> `Idempotency-Key`. */
function capitalized(header: string): string {
  return header.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase());
}

function calls(base: string, one: Listed): string {
  const [media = '', body] = bodyOf(one.operation) ?? [];
  const examples: readonly (Example | undefined)[] = Object.values(body?.examples ?? {});
  return (examples.length === 0 ? [undefined] : examples)
    .map((example) => {
      const caption = example === undefined ? 'Call' : prose(example.summary);
      return `<figure><figcaption>${caption}</figcaption><pre tabindex="0">${escapeHtml(curl(base, one, media, example))}</pre></figure>`;
    })
    .join('');
}

function curl(base: string, { path, method, operation }: Listed, media: string, example: Example | undefined): string {
  const holds = operation.parameters?.some(({ name }) => name === 'wait') === true;
  const url = base + path.replaceAll('{id}', '$ID') + (holds ? '?wait=20' : '');
  const lines = [`curl -s${method === 'get' || example !== undefined ? '' : ` -X ${method.toUpperCase()}`} "${url}"`];
  const schemes = operation.security ?? [];
  if (schemes.some((one) => one.bearer !== undefined)) lines.push('-H "Authorization: Bearer $TOKEN"');
  if (schemes.length === 1 && schemes[0]?.client !== undefined) lines.push('-u "$CLIENT_ID:$CLIENT_SECRET"');
  if (example !== undefined) lines.push(...sending(media, example.value));
  return lines.join(' \\\n  ');
}

function sending(media: string, value: Example['value']): readonly string[] {
  if (media.includes('json'))
    return ['-H "Content-Type: application/json"', `-d '${JSON.stringify(value, null, 2).replaceAll('\n', '\n    ')}'`];
  return Object.entries(value).map(([name, text]) => `--data-urlencode "${name}=${String(text)}"`);
}

function answers({ responses = {} }: Operation): string {
  const rows = Object.entries(responses).map(
    ([status, { description }]) => `<dt>${escapeHtml(status)}</dt><dd>${prose(description)}</dd>`,
  );
  return `<h4>Answers</h4><dl class="codes">${rows.join('')}</dl>`;
}

/** Escaped text in which `code` is set as code. */
function prose(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}
