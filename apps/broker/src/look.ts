/** The colours and letters all pages of the broker share, light and dark. */

export const LOOK_CSS = `:root{color-scheme:light dark;--ink:#1a2130;--soft:#566074;--line:#dde2ea;--paper:#f7f8fb;--card:#fff;--code:#f3f5f9;--accent:#2750c4;--on-accent:#fff;--get:#0b6b4f;--get-bg:#e1f4ec;--post:#8a4b00;--post-bg:#fbeed9;--bad:#a3322a;--bad-bg:#fbe9e7}
@media(prefers-color-scheme:dark){:root{--ink:#e7eaf1;--soft:#a5afc1;--line:#2b3343;--paper:#10141c;--card:#171d28;--code:#10151e;--accent:#94b3ff;--on-accent:#0d1526;--get:#7fdcb8;--get-bg:#12352a;--post:#f3c583;--post-bg:#3a2a12;--bad:#ff9d93;--bad-bg:#3a1f1d}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif}
a{color:var(--accent);text-underline-offset:.15em}`;
