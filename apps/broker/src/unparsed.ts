/** Owns what is refused before there is a request to route: broken framing, headers too big or too slow, no host or several. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type Logger, randomToken, securityHeaders } from '@sallyport/platform';
import type { FastifyError, FastifyRequest } from 'fastify';

const STATUS: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
};

/** Answers what Node's parser gave up on, with the headers every answer has, and closes the connection. */
export function refuseUnparsed(logger: Logger): (thrown: NodeJS.ErrnoException, socket: Socket) => void {
  return (thrown, socket) => {
    if (thrown.code === 'ECONNRESET' || socket.destroyed) return;
    const [traceId, status] = [randomToken(16), STATUS[thrown.code ?? ''] ?? 400];
    logger.info('http.unparsed', { traceId, status, code: thrown.code ?? 'unknown' });
    if (socket.writable) socket.write(answerText(status, traceId));
    socket.destroySoon();
  };
}

/** What is expected of us but `100-continue` is not met (RFC 9110 section 10.1.1); the body that waits for it is not read. */
export function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const { headers, body } = answerOf(417, randomToken(16));
  response.writeHead(417, headers).end(body);
}

function answerText(status: number, traceId: string): string {
  const { headers, body } = answerOf(status, traceId);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n');
}

function answerOf(status: number, traceId: string) {
  const title = 'The request could not be read';
  const body = JSON.stringify({ type: 'about:blank', status, code: 'malformed', title, trace_id: traceId });
  const headers = {
    ...securityHeaders,
    'x-correlation-id': traceId,
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
    'content-length': String(body.length),
    connection: 'close',
  };
  return { headers, body };
}

/** RFC 9112 section 3.2: a request of HTTP/1.1 names exactly one host. A 400, for the error handler of its scope, or nothing. */
export function hostProblem({ raw }: FastifyRequest): FastifyError | undefined {
  const hosts = raw.rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === 'host').length;
  if (hosts === 1 || (hosts === 0 && raw.httpVersion === '1.0')) return undefined;
  return Object.assign(new Error('one host'), { code: 'HOST', name: 'HostError', statusCode: 400 });
}
