/** Sends deliveries to the app's request URL: signed, with Slack's exact headers, given up after 3 seconds. */
import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { type Answer, NO_ANSWER, parseBody } from './delivery.ts';

const ANSWER_BYTES_MAX = 1_000_000;

/** Slack's v0 signature over timestamp (seconds) and raw body. */
export function sign(secret: string, timestamp: number, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}

/** The headers of a delivery. */
export function deliveryHeaders(
  contentType: string,
  signing: { secret: string; timestamp: number },
  body: string,
  retry?: { num: number; reason: string },
): Record<string, string> {
  return {
    'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
    accept: 'application/json,*/*',
    'content-type': contentType,
    'x-slack-request-timestamp': String(signing.timestamp),
    'x-slack-signature': sign(signing.secret, signing.timestamp, body),
    ...(retry ? { 'x-slack-retry-num': String(retry.num), 'x-slack-retry-reason': retry.reason } : {}),
  };
}

/** Posts the body and judges the answer. Never throws: no connection is an answer too. `ackMs` is the limit. */
export function postToApp(url: string, body: string, headers: Record<string, string>, ackMs: number): Promise<Answer> {
  const started = performance.now();
  const elapsed = (): number => Math.round(performance.now() - started);
  return new Promise((resolve) => {
    const late = (): Answer => ({ ...NO_ANSWER, ack_ms: null, late: true, error: 'operation_timeout' });
    const call = openRequest(url, body, headers);
    if (!call) return resolve(NO_ANSWER);
    const timer = setTimeout(() => {
      resolve(late());
      call.destroy();
    }, ackMs);
    const finish = (answer: Answer): void => {
      clearTimeout(timer);
      resolve(elapsed() > ackMs ? { ...answer, late: true, error: 'operation_timeout' } : answer);
    };
    call.on('error', () => finish(NO_ANSWER));
    call.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (text.length > ANSWER_BYTES_MAX) call.destroy();
      });
      response.on('error', () => finish(NO_ANSWER));
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        finish({
          status,
          ack_ms: elapsed(),
          late: false,
          body: parseBody(text),
          error: judge(status),
          no_retry: response.headers['x-slack-no-retry'] === '1',
        });
      });
    });
    call.end(body);
  });
}

function openRequest(url: string, body: string, headers: Record<string, string>) {
  try {
    // Content length by bytes; one connection per delivery, so that no kept-alive socket outlives a test.
    return request(url, {
      method: 'POST',
      agent: false,
      headers: { 'content-length': Buffer.byteLength(body), ...headers },
    });
  } catch {
    return undefined;
  }
}

function judge(status: number): Answer['error'] {
  if (status >= 200 && status < 300) return null;
  return status >= 500 ? 'http_service_error' : 'http_client_error';
}
