/** The page where somebody types the code that their device shows. */
import { type Html, html } from '../html.ts';
import { type Page, tokenField } from '../page.ts';

export interface Entry {
  /** From the address, or typed before: shown, and always to be confirmed. */
  readonly code: string;
  /** What is wrong with what was typed. */
  readonly problem?: string;
}

/** The form. Letters and dash as the device shows them; case and dashes do not matter when it is sent. */
export function enterPage(who: NonNullable<Page['who']>, { code, problem }: Entry): Page {
  const main = html`<h1>Connect a device</h1>
<p class="lead">Type the code that your terminal or device shows. You will see what it asks for before anything happens.</p>
<form method="post" action="/device">${tokenField(who.formToken)}
<label for="code">Code</label>${problem === undefined ? undefined : problemText(problem)}
<input class="code" id="code" name="user_code" value="${code}" required maxlength="20" autocomplete="off" autocapitalize="characters" spellcheck="false" placeholder="XXXX-XXXX"${problem === undefined ? undefined : html` aria-invalid="true" aria-describedby="problem"`}${code === '' ? html` autofocus` : undefined}>
<div class="actions"><button class="main">Next</button></div></form>
<p class="hint">Only type a code that you asked for yourself, just now. Nobody who calls or writes to you needs it.</p>`;
  return { title: 'Connect a device', main, who, ...(problem === undefined ? {} : { status: 400 }) };
}

function problemText(problem: string): Html {
  return html`<p class="problem" id="problem" role="alert">${problem}</p>`;
}
