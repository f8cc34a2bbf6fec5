/** The look of the demo issuer's pages, and the one way text gets into them. */

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
  main.narrow { max-width: 26rem; }
  h1 { margin: 0 0 .25rem; font-size: 1.7rem; letter-spacing: -.01em; }
  h2 { margin: 2.5rem 0 .25rem; font-size: 1.15rem; }
  p { margin: .5rem 0; color: var(--soft); }
  .mark { display: inline-block; margin-bottom: 1rem; padding: .15rem .6rem; border: 1px solid var(--line); border-radius: 99px; font-size: .82rem; color: var(--soft); }
  pre { overflow-x: auto; padding: .9rem 1rem; background: var(--well); border: 1px solid var(--line); border-radius: 8px; font: 13px/1.6 ui-monospace, monospace; color: var(--ink); }
  table { width: 100%; border-collapse: collapse; margin: .75rem 0; }
  td { padding: .45rem .5rem .45rem 0; border-top: 1px solid var(--line); vertical-align: top; }
  code { font-family: ui-monospace, monospace; font-size: .9em; }
  a { color: var(--accent); }
  button, input { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: 8px; padding: .6rem .8rem; }
  button { cursor: pointer; }
  button:hover { background: var(--well); }
  button:focus-visible, input:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  .people { list-style: none; margin: 1.25rem 0; padding: 0; display: grid; gap: .5rem; }
  .people button { width: 100%; text-align: left; }
  .people small { color: var(--soft); }
  label { display: block; margin: 1.5rem 0 .35rem; font-weight: 600; font-size: .92rem; }
  .row { display: flex; gap: .5rem; }
  .row input { flex: 1; min-width: 0; }
`;

/** A whole page. `main` is HTML. */
export function pageOf(title: string, main: string, width: 'wide' | 'narrow' = 'wide'): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><main${width === 'narrow' ? ' class="narrow"' : ''}>
<span class="mark">Demo only: anybody here may be anybody</span>
${main}
</main></body>
</html>
`;
}
