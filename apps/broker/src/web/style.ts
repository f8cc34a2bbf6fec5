/** The style sheet of the pages people use: one column, large enough to hit, visible focus, no state by colour alone. */
import { LOOK_CSS } from '../look.ts';

export const STYLE_CSS = `${LOOK_CSS}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
code,.code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem .75rem}
header,footer,main{max-width:36rem;margin:0 auto;padding:0 1.25rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center;justify-content:space-between;padding-top:1.4rem;font-size:.92rem}
.brand{font-weight:700;letter-spacing:-.01em;color:inherit;text-decoration:none}
.who{display:flex;flex-wrap:wrap;gap:.2rem .6rem;align-items:center;color:var(--soft)}
.who form{margin:0}
main{padding-top:1.6rem;padding-bottom:2rem}
h1{font-size:1.7rem;line-height:1.2;letter-spacing:-.02em;margin:0 0 .5rem;overflow-wrap:anywhere}
h2{font-size:1.05rem;margin:1.6rem 0 .4rem}
p{margin:.5rem 0;overflow-wrap:anywhere}
.lead{color:var(--soft);font-size:1.05rem}
.card{margin:1.2rem 0;padding:1.1rem 1.25rem;border:1px solid var(--line);border-radius:12px;background:var(--card)}
.card>:first-child{margin-top:0}.card>:last-child{margin-bottom:0}
.note{border-left:4px solid var(--accent)}
.warn{border-left:4px solid var(--post);background:var(--post-bg)}
.bad{border-left:4px solid var(--bad);background:var(--bad-bg)}
.good{border-left:4px solid var(--get);background:var(--get-bg)}
dl{display:grid;grid-template-columns:minmax(6.5rem,max-content) minmax(0,1fr);gap:.45rem 1.1rem;margin:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
ul{margin:.4rem 0;padding-left:1.2rem}
label{display:block;margin:1rem 0 .3rem;font-weight:600}
.hint{margin:.2rem 0 .4rem;color:var(--soft);font-size:.92rem}
input,textarea{width:100%;padding:.65rem .75rem;border:1px solid var(--soft);border-radius:9px;background:var(--card);color:inherit;font:inherit}
input[type=checkbox]{width:auto}
select{padding:.55rem .75rem;border:1px solid var(--soft);border-radius:9px;background:var(--card);color:inherit;font:inherit}
.choice{display:flex;gap:.6rem;align-items:baseline;font-weight:400;margin:.3rem 0}
fieldset{margin:1rem 0;padding:0;border:0}legend{font-weight:600;padding:0}
details{margin:1.2rem 0}summary{cursor:pointer;font-weight:600}
blockquote{margin:.6rem 0;padding:.1rem 0 .1rem 1rem;border-left:4px solid var(--line);white-space:pre-wrap;overflow-wrap:anywhere}
ul.rows{list-style:none;padding:0}.rows .card{margin:.6rem 0}
textarea{min-height:5.5rem;resize:vertical}
input.code{font-size:1.5rem;letter-spacing:.16em;text-transform:uppercase;text-align:center}
input.code::placeholder{opacity:.45}
[aria-invalid=true]{border-color:var(--bad);border-width:2px}
.problem{margin:.3rem 0;color:var(--bad);font-weight:600}
.actions+.hint,form+.hint{margin-top:1.2rem}
.actions{display:flex;flex-wrap:wrap;gap:.7rem;margin-top:1.2rem}
button,.button{display:inline-block;padding:.65rem 1.2rem;border:1px solid var(--soft);border-radius:9px;background:var(--card);color:inherit;font:inherit;font-weight:600;text-decoration:none;cursor:pointer}
button.main,.button.main{border-color:var(--accent);background:var(--accent);color:var(--on-accent)}
button.bad{border-color:var(--bad);color:var(--bad);background:var(--card);border-left-width:1px}
button:hover,.button:hover{filter:brightness(1.08)}
button.plain{padding:0;border:0;background:none;color:var(--accent);font-weight:400;text-decoration:underline;text-underline-offset:.15em}
.big{font-size:1.9rem;letter-spacing:.14em;text-align:center;margin:.4rem 0}
footer{padding-bottom:2.5rem;color:var(--soft);font-size:.88rem}
@media(max-width:30rem){dl{grid-template-columns:minmax(0,1fr);gap:0}dd{margin-bottom:.5rem}.actions>*{flex:1 1 100%;text-align:center}}`;
