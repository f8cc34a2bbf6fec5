/** A form that came back: read strictly, and only from a page of ours that this very session was shown. */
import { err, type Refusal, type Result } from '@sallyport/core';
import { equalBytes } from '@sallyport/platform';
import type { FastifyRequest } from 'fastify';
import { type Form, param, parseForm } from '../oauth/form.ts';
import type { Session } from './session.ts';

/** Why a form is not taken: it came from elsewhere, or from a page of another session. */
export type FormProblem = { readonly kind: 'foreign' } | { readonly kind: 'unreadable'; readonly refusal: Refusal };

/**
 * Reads a form posted by this session. What a browser says of where it came from must be us, and its token the
 * session's: a page elsewhere knows no token, and a cookie alone sends no form (SameSite).
 */
export function postedForm(request: FastifyRequest, session: Session, issuer: string): Result<Form, FormProblem> {
  if (!cameFromUs(request, issuer)) return err({ kind: 'foreign' });
  const form = parseForm(request.headers['content-type'], request.body);
  if (!form.ok) return err({ kind: 'unreadable', refusal: form.error });
  return equalBytes(param(form.value, 'form_token') ?? '', session.formToken) ? form : err({ kind: 'foreign' });
}

/**
 * Fetch metadata says it exactly. `Origin` says it where that is missing; it is `null` for a form of our own pages, for
 * they have no referrer (Fetch standard, "append a request Origin header"), and then the token alone decides.
 */
function cameFromUs({ headers }: FastifyRequest, issuer: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  return headers.origin === undefined || headers.origin === 'null' || headers.origin === issuer;
}

/** A text as it was typed, trimmed, with one kind of line break. */
export function typedText(form: Form, name: string): string {
  return (param(form, name) ?? '').replaceAll(/\r\n?/g, '\n').trim();
}
