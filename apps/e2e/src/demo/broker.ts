/** The broker and the demo issuer as the demo calls them: every request and answer is printed. */
import type { Printer } from './print.ts';

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Urls {
  readonly broker: string;
  readonly workspace: string;
  readonly demoIssuer: string;
}

const TIMEOUT_MS = 10_000;
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';

/** Builds the calls. */
export function makeCalls(urls: Urls, print: Printer) {
  async function form(
    path: string,
    params: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    print.request('POST', path, params);
    const response = await fetch(urls.broker + path, {
      method: 'POST',
      headers,
      body: new URLSearchParams(params),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return shown(response, await response.text());
  }

  function shown(response: Response, text: string): Answer {
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    print.answer(response.status, text === '' ? '' : body);
    return { status: response.status, body };
  }

  return {
    /** A fresh token of the CI system for a job of this workload. */
    jobToken: (workload: string) => text(`${urls.demoIssuer}/ci/token?workload=${workload}`),
    /** A person's ID token. */
    idToken: (sub: string) => text(`${urls.demoIssuer}/workforce/token?sub=${sub}`),
    exchange: (subjectToken: string, more: Readonly<Record<string, string>>) =>
      form('/oauth/token', {
        grant_type: EXCHANGE,
        client_id: 'ci',
        subject_token: subjectToken,
        subject_token_type: JWT,
        ...more,
      }),
    introspect: (token: string) =>
      form(
        '/oauth/introspect',
        { token },
        { authorization: `Basic ${Buffer.from('orders-api:orders-api-demo-secret').toString('base64')}` },
      ),
    async rest(method: 'GET' | 'POST', path: string, token: string, body?: object): Promise<Answer> {
      print.request(method, path, body === undefined ? {} : { body: JSON.stringify(body) });
      const headers = {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      };
      const response = await fetch(urls.broker + path, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return shown(response, await response.text());
    },
  };
}

async function text(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return (await response.text()).trim();
}

export type Calls = ReturnType<typeof makeCalls>;
