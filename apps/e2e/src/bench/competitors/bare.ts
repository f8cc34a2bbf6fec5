/**
 * The ceiling: the same duties with nothing around them. Verifies an ES256 subject token, checks its claims, writes one
 * durable row, signs an ES256 access token. No policy, no approval, no audit, no replay guard, no checks of form.
 */
import { createPrivateKey, createPublicKey, type JsonWebKey, randomUUID, sign, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type CompetitorSettings, competitorSettings } from './settings.ts';
import { openTokenTable } from './token-table.ts';

const TTL_SECONDS = 600;

type Claims = Readonly<Record<string, unknown>>;

const settings = competitorSettings();
const table = await openTokenTable(settings.databaseUrl, settings.connectionsMax);
const subjectKey = createPublicKey({ key: settings.subjectKey as JsonWebKey, format: 'jwk' });
const signingKey = createPrivateKey({ key: settings.signingKey as JsonWebKey, format: 'jwk' });
const head = encode({ alg: 'ES256', typ: 'at+jwt', kid: settings.signingKey.kid });

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** The claims of a subject token, or undefined. */
function verified(token: string, { subjectIssuer, subjectAudience }: CompetitorSettings): Claims | undefined {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const key = { key: subjectKey, dsaEncoding: 'ieee-p1363' } as const;
  if (!verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')))
    return undefined;
  const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as Claims;
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Claims;
  const inTime = Number(claims.exp) > Date.now() / 1_000;
  const right = alg === 'ES256' && claims.iss === subjectIssuer && claims.aud === subjectAudience;
  return inTime && right ? claims : undefined;
}

function signed(claims: object): string {
  const input = `${head}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(input), { key: signingKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

async function exchange(body: string, res: ServerResponse): Promise<void> {
  const form = new URLSearchParams(body);
  const subject = verified(form.get('subject_token') ?? '', settings);
  if (subject === undefined) return send(res, 400, { error: 'invalid_request' });
  const iat = Math.floor(Date.now() / 1_000);
  const claims = {
    iss: settings.issuer,
    sub: subject.sub,
    aud: settings.audience,
    client_id: form.get('client_id'),
    scope: form.get('scope'),
    jti: randomUUID(),
    iat,
    exp: iat + TTL_SECONDS,
  };
  const token = signed(claims);
  await table.put(claims.jti, claims, claims.exp);
  send(res, 200, { access_token: token, token_type: 'Bearer', expires_in: TTL_SECONDS, scope: claims.scope });
}

function send(res: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  const length = Buffer.byteLength(text);
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', 'content-length': length });
  res.end(text);
}

function onRequest(req: IncomingMessage, res: ServerResponse): void {
  let body = '';
  req.setEncoding('utf8');
  req.on('data', (chunk: string) => {
    body += chunk;
  });
  req.on('end', () => {
    exchange(body, res).catch(() => send(res, 500, { error: 'server_error' }));
  });
}

createServer(onRequest).listen({ host: '127.0.0.1', port: settings.port }, () => process.send?.('ready'));
