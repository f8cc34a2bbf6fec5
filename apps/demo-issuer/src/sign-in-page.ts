/** Renders the page where somebody chooses which person to be, and the one that says why nobody can. */
import type { AuthorizationAsk } from '@sallyport/testkit/issuer';
import { escapeHtml, pageOf } from './look.ts';
import { type DemoPerson, demoPeople } from './people.ts';

/** @param action where the choice is sent: the request's own address, query and all */
export function signInPage(ask: AuthorizationAsk, action: string): string {
  const who = escapeHtml(ask.client.id);
  return pageOf(
    'Sign in: demo identity provider',
    `<h1>Who are you?</h1>
<p><code>${who}</code> asks you to sign in. There is no password here.</p>
<form method="post" action="${escapeHtml(action)}">
<ul class="people">${demoPeople.map(choice).join('')}</ul>
<label for="other">Somebody else</label>
<div class="row"><input id="other" name="other" maxlength="255" autocomplete="off" spellcheck="false" placeholder="their sub"><button name="sub" value="">Sign in</button></div>
<p><button name="decline" value="1">Not now</button></p>
</form>`,
    'narrow',
  );
}

/** What is said to the person when the relying party must not be told. */
export function refusedPage(why: string): string {
  return pageOf('Sign in: refused', `<h1>That did not work</h1><p>${escapeHtml(why)}.</p>`, 'narrow');
}

function choice({ sub, name, about }: DemoPerson): string {
  return `<li><button name="sub" value="${escapeHtml(sub)}">${escapeHtml(name)} <small>${escapeHtml(about)}</small></button></li>`;
}
