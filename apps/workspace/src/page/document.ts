/** Owns the HTML document of the page and the policy it is served with. It holds no data: all of that comes by the stream. */

/** Scripts, styles and connections from this server only; nothing inline; no HTML made from strings. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** The one document: what a browser needs to start, and what it shows while it starts or cannot. */
export const DOCUMENT = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Local workspace, not Slack</title>
    <link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/assets/page.css">
    <script type="module" src="/assets/main.js"></script>
  </head>
  <body>
    <div id="page"><p class="starting">Opening the local workspace …</p></div>
    <div id="dialogs"></div>
    <div id="announcer" class="unseen" role="status" aria-live="polite"></div>
    <noscript><p class="starting">This page needs JavaScript.</p></noscript>
  </body>
</html>
`;
