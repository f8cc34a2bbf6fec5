/** The JSON bodies of the REST door, read strictly: UTF-8 or nothing, and no other media type. An empty body is none. */
import type { FastifyError, FastifyInstance } from 'fastify';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Takes `application/json` and nothing else in this scope (else 415); ill-formed: 400. */
export function jsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const text = decode(body);
    if (text === undefined) return done(unreadable());
    if (text === '') return done(null, undefined);
    return parse(request, text, done);
  });
}

function decode(body: string | Buffer): string | undefined {
  try {
    return typeof body === 'string' ? body : utf8.decode(body);
  } catch {
    return undefined;
  }
}

function unreadable(): FastifyError {
  return Object.assign(new Error('the body is not UTF-8'), { code: 'NOT_UTF_8', statusCode: 400, name: 'BodyError' });
}
