/** Reads a Web API call: arguments from query, form or JSON, the token from the header or the form. */
import type { IncomingMessage } from 'node:http';
import { type Args, textArg } from './api-method.ts';
import { queryOf, readBody } from './http-io.ts';
import { isRecord, parseJson } from './limits.ts';

export interface DecodedCall {
  args: Args;
  token?: string;
  /** Slack's error for a body it cannot read. */
  error?: string;
}

/** Arguments and token of a call, from query, form or JSON. */
export async function decodeCall(req: IncomingMessage): Promise<DecodedCall> {
  const bearer = /^Bearer (\S+)$/.exec(req.headers.authorization ?? '')?.[1];
  const basic = credentialsIn(req.headers.authorization);
  const query = queryOf(req);
  const body = req.method === 'POST' ? await readBody(req) : '';
  if (body === undefined) return { args: {}, error: 'request_too_large' };
  const type = (req.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json' && body !== '') {
    const json = parseJson(body);
    if (!isRecord(json)) return { args: {}, error: json === undefined ? 'invalid_json' : 'json_not_object' };
    return { args: json, ...(bearer ? { token: bearer } : {}) };
  }
  if (body !== '' && type !== 'application/x-www-form-urlencoded') return { args: {}, error: 'invalid_post_type' };
  const args: Args = { ...basic, ...Object.fromEntries([...query, ...new URLSearchParams(body)]) };
  const token = bearer ?? textArg(args, 'token');
  return { args, ...(token ? { token } : {}) };
}

/** HTTP Basic: how an app proves itself at `oauth.v2.access`. */
function credentialsIn(header: string | undefined): Args {
  const text = /^Basic ([\w+/=]+)$/.exec(header ?? '')?.[1];
  const pair = text === undefined ? undefined : /^([^:]*):(.*)$/.exec(Buffer.from(text, 'base64').toString('utf8'));
  return pair ? { client_id: pair[1], client_secret: pair[2] } : {};
}
