/** The words of signing in: what went wrong, and what to do next. */
import type { Issuer } from '@sallyport/core';
import type { ErrorWords } from './error-pages.ts';
import { type Html, html } from './html.ts';
import type { LoginProblem } from './login-problem.ts';
import { HOME, loginPath } from './paths.ts';

const button = (path: string, text: string): Html =>
  html`<div class="actions"><a class="button main" href="${path}">${text}</a></div>`;

export const NOT_SET_UP: ErrorWords = {
  status: 404,
  title: 'Sign-in is not set up',
  text: 'People cannot sign in here, for the policy does not say where.',
  next: html`<p>If you keep the policy: add <span class="code">login</span> to it, with the name of a workforce issuer and our client id there.</p>`,
};

export const NOT_BEGUN: ErrorWords = {
  status: 400,
  title: 'This sign-in cannot be finished',
  text: 'It was not begun in this browser, took longer than ten minutes, or was finished already.',
  next: button(loginPath(HOME), 'Sign in'),
};

export const TOO_MANY: ErrorWords = {
  status: 429,
  title: 'Too many sign-ins',
  text: 'Too many came from your address just now. Wait a minute and try again.',
};

/** A form that no page of ours showed to this session. */
export const FOREIGN_FORM: ErrorWords = {
  status: 403,
  title: 'This form is not from your session',
  text: 'Nothing was changed. The page was opened before you signed in, or another site tried to send it for you.',
  next: html`<p>Open the page again, and check that you began this yourself.</p>`,
};

export const FAILED: Readonly<Record<LoginProblem['kind'], (again: string) => ErrorWords>> = {
  declined: (again) => ({
    status: 403,
    title: 'You did not sign in',
    text: 'Your identity provider says that sign-in was turned down.',
    next: button(again, 'Try again'),
  }),
  refused: (again) => ({
    status: 400,
    title: 'Sign-in was not accepted',
    text: 'What your identity provider sent back did not pass our checks. Nobody was signed in.',
    next: button(again, 'Try again'),
  }),
  unreachable: (again) => ({
    status: 502,
    title: 'Your identity provider does not answer',
    text: 'Sallyport could not reach it. Try again in a moment.',
    next: button(again, 'Try again'),
  }),
};

/** Signed in over there, and nobody here. */
export function notKnown({ name }: Issuer, sub: string): ErrorWords {
  return {
    status: 403,
    title: 'You are not in the directory',
    text: 'You signed in, but Sallyport’s policy does not know you, or no longer.',
    next: html`<p>Ask whoever keeps the policy to add you:</p><p class="code">subject: { issuer: ${name}, sub: ${JSON.stringify(sub)} }</p>`,
  };
}

/** A form came back from somebody who is not signed in any more. */
export function sessionOver(next: string): ErrorWords {
  return {
    status: 401,
    title: 'Your session is over',
    text: 'A session lasts half an hour. Nothing was changed: sign in and send it again.',
    next: button(loginPath(next), 'Sign in'),
  };
}
