/** What every page for people begins with: somebody signed in, who is a person of the policy; and for forms, that they are ours. */
import { loginIssuer } from '@sallyport/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { BrokerDeps } from '../deps.ts';
import type { Form } from '../oauth/form.ts';
import { type ErrorWords, sendErrorPage, sendRefusalPage } from './error-pages.ts';
import { FOREIGN_FORM, NOT_SET_UP, notKnown, sessionOver } from './login-pages.ts';
import type { Page } from './page.ts';
import { HOME, localPath, loginPath } from './paths.ts';
import { postedForm } from './posted-form.ts';
import { type Session, type SignedIn, type Visitor, visitorOf } from './session.ts';

type Answer = Promise<FastifyReply>;
type Handler = (request: FastifyRequest, reply: FastifyReply) => Answer;

/** A page: somebody who is not signed in is sent to do that, and comes back. */
export function forPeople(
  deps: BrokerDeps,
  show: (who: SignedIn, request: FastifyRequest, reply: FastifyReply) => Answer,
): Handler {
  return async (request, reply) => {
    const visitor = await visitorOf(deps, request);
    const refused = refusal(deps, visitor);
    if (refused !== undefined) return sendErrorPage(reply, refused.words, refused.who);
    if (visitor.kind === 'person') return show(visitor, request, reply);
    const next = localPath(request.url) ?? HOME;
    return reply.header('cache-control', 'no-store').redirect(loginPath(next), 303);
  };
}

/** A form of such a page: taken from the session it was shown to, and from nobody else. */
export function forPeoplesForms(
  deps: BrokerDeps,
  take: (who: SignedIn, form: Form, request: FastifyRequest, reply: FastifyReply) => Answer,
): Handler {
  return async (request, reply) => {
    const visitor = await visitorOf(deps, request);
    const refused = refusal(deps, visitor);
    if (refused !== undefined) return sendErrorPage(reply, refused.words, refused.who);
    if (visitor.kind !== 'person') return sendErrorPage(reply, sessionOver(localPath(request.url) ?? HOME));
    const form = postedForm(request, visitor.session, deps.issuer);
    if (form.ok) return take(visitor, form.value, request, reply);
    if (form.error.kind === 'foreign') return sendErrorPage(reply, FOREIGN_FORM, shownTo(visitor));
    return sendRefusalPage(deps, reply, form.error.refusal, { who: shownTo(visitor) });
  };
}

/** What the frame of a page says of who is signed in. */
export function shownTo({ entry, session }: SignedIn): NonNullable<Page['who']> {
  return { name: entry.name, formToken: session.formToken };
}

function refusal(
  { policies }: BrokerDeps,
  visitor: Visitor,
): { readonly words: ErrorWords; readonly who?: Page['who'] } | undefined {
  const login = loginIssuer(policies.inForce());
  if (login === undefined) return { words: NOT_SET_UP };
  if (visitor.kind !== 'stranger') return undefined;
  const { sub, formToken }: Session = visitor.session;
  return { words: notKnown(login, sub), who: { name: sub, formToken } };
}
