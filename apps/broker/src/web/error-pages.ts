/** Pages that say no, or that something broke: what happened, what to do next, and the id to name when asking for help. */
import type { Refusal } from '@sallyport/core';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from '../api/problem.ts';
import type { BrokerDeps } from '../deps.ts';
import { type Html, html } from './html.ts';
import { type Page, sendPage } from './page.ts';

export interface ErrorWords {
  readonly status: number;
  readonly title: string;
  /** What it means for the reader. */
  readonly text: string;
  /** What to do next. */
  readonly next?: Html;
}

/** Sends an error as a page. */
export function sendErrorPage(reply: FastifyReply, words: ErrorWords, who?: Page['who']): FastifyReply {
  const { status, title, text, next } = words;
  const main = html`<h1>${title}</h1><div class="card bad"><p>${text}</p>${next}</div>
<p class="hint">If you ask for help, name this id: <span class="code">${reply.request.id}</span></p>`;
  return sendPage(reply, { title, main, status, ...(who === undefined ? {} : { who }) });
}

/** Sends a refusal as a page, in the words the REST door has for it. `next` is where to go from here. */
export function sendRefusalPage(
  { logger }: Pick<BrokerDeps, 'logger'>,
  reply: FastifyReply,
  refusal: Refusal,
  { next, who }: { readonly next?: Html; readonly who?: Page['who'] } = {},
): FastifyReply {
  const { status, title, detail = 'Nothing was changed.', headers = {} } = problemOf(refusal);
  logger.info('web.refused', { traceId: reply.request.id, code: refusal.code });
  // A browser has no bearer token to be asked for.
  const { 'www-authenticate': _, ...others } = headers;
  return sendErrorPage(
    reply.headers(others),
    { status: status === 200 ? 409 : status, title, text: detail, ...(next === undefined ? {} : { next }) },
    who,
  );
}

/** The scope of the pages: any body as bytes, parsed strictly later; faults and unreadable requests as pages without a cause. */
export function pageErrors(app: FastifyInstance, deps: BrokerDeps): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((thrown: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    if (thrown.statusCode !== undefined && thrown.statusCode >= 400 && thrown.statusCode < 500) {
      if (thrown.statusCode === 413) reply.header('connection', 'close');
      const text = 'What your browser sent could not be read. Go back and try again.';
      return sendErrorPage(reply, { status: thrown.statusCode, title: 'Not understood', text });
    }
    const outage = deps.isOutage(thrown);
    deps.logger.error(outage ? 'http.outage' : 'http.bug', { traceId: request.id, err: thrown });
    if (!outage) return sendErrorPage(reply, BROKEN);
    return sendErrorPage(reply.header('retry-after', '1'), AWAY);
  });
}

const BROKEN: ErrorWords = {
  status: 500,
  title: 'Something broke on our side',
  text: 'This page could not be made. Whoever runs Sallyport finds the cause under the id below.',
};
const AWAY: ErrorWords = {
  status: 503,
  title: 'Sallyport cannot reach its database',
  text: 'Nothing was changed. Try again in a moment.',
};
