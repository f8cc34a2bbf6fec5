/** Signing in and out: /login sends the browser to the issuer, /login/callback takes what it brings back, /logout ends the session. */
import {
  type Attribution,
  after,
  type IdentityProblem,
  type Issuer,
  instant,
  loginIssuer,
  minutes,
  type RefusalOf,
} from '@sallyport/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { addressOf } from '../address.ts';
import type { BrokerDeps } from '../deps.ts';
import { sendErrorPage } from './error-pages.ts';
import { html } from './html.ts';
import * as pages from './login-pages.ts';
import type { LoginProblem } from './login-problem.ts';
import { sendPage } from './page.ts';
import { CALLBACK_PATH, HOME, localPath, loginPath } from './paths.ts';
import { postedForm } from './posted-form.ts';
import type { LoginSecrets, Returned } from './relying-party.ts';
import { endSession, startSession, visitorOf } from './session.ts';
import { purposeShape, type SignInPurpose } from './sign-in-purpose.ts';

/** How long somebody may be away signing in. */
const AWAY_LIFE = minutes(10);
/** Sign-ins a minute and address: each return asks the issuer once. */
const RETURNS_MAX = 300;
const WINDOW_MS = 60_000;

/** The token is good, and means nobody in force. */
const NOT_KNOWN: ReadonlySet<string> = new Set<IdentityProblem>(['nobody_matches', 'not_in_directory']);

/** What a browser keeps while somebody signs in elsewhere. */
const awayShape = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  freshSince: z.number().transform(instant).nullable(),
  next: z.string(),
  /** Who signs in anew, and for which approval. */
  confirms: z.strictObject({ sub: z.string(), purpose: purposeShape }).optional(),
});

/** Registers the three paths. */
export function loginRoutes(app: FastifyInstance, deps: BrokerDeps): void {
  const schema = { hide: true };
  app.get('/login', { schema }, (request, reply) => begin(deps, request, reply));
  app.get(CALLBACK_PATH, { schema }, (request, reply) => comeBack(deps, request, reply));
  app.post('/logout', { schema }, (request, reply) => signOut(deps, request, reply));
}

function begin(deps: BrokerDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { next, fresh } = request.query as Readonly<Record<string, unknown>>;
  return sendToSignIn(deps, reply, { next: localPath(next) ?? HOME, fresh: fresh === '1' });
}

/** Where somebody goes to sign in, how, and what for. */
export interface SignInWish {
  /** A path of ours they come back to. */
  readonly next: string;
  /** To authenticate anew. */
  readonly fresh: boolean;
  /** For which approval; counts only if the same person comes back. */
  readonly confirms?: { readonly sub: string; readonly purpose: SignInPurpose };
}

/** Sends the browser to the issuer; what must come back with it is kept sealed in it. */
export async function sendToSignIn(deps: BrokerDeps, reply: FastifyReply, wish: SignInWish): Promise<FastifyReply> {
  const { web, clock, policies, logger } = deps;
  const { fresh, ...kept } = wish;
  const login = loginIssuer(policies.inForce());
  if (login === undefined) return sendErrorPage(reply, pages.NOT_SET_UP);
  const begun = await web.relyingParty.begin(login, { fresh });
  if (!begun.ok) return failed(deps, reply, begun.error, wish.next);
  const value = await web.loginBox.seal({ ...begun.value.secrets, ...kept }, after(clock.now(), AWAY_LIFE));
  logger.info('login.begun', { traceId: reply.request.id });
  return reply
    .headers({
      'set-cookie': web.cookies.set('login', { value, seconds: AWAY_LIFE / 1_000 }),
      'cache-control': 'no-store',
    })
    .redirect(begun.value.url.href, 303);
}

async function comeBack(deps: BrokerDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { web, clock, limiter, policies } = deps;
  const login = loginIssuer(policies.inForce());
  if (login === undefined) return sendErrorPage(reply, pages.NOT_SET_UP);
  const sealed = web.cookies.read(request.headers.cookie, 'login');
  const away = sealed === undefined ? undefined : awayShape.safeParse(await web.loginBox.open(sealed, clock.now()));
  // What was kept is good for one return, whatever comes of it.
  reply.header('set-cookie', web.cookies.set('login'));
  if (away?.success !== true) return sendErrorPage(reply, pages.NOT_BEGUN);
  const within = await limiter.hit(`login ${request.ip}`, RETURNS_MAX, WINDOW_MS);
  if (!within.allowed) {
    return sendErrorPage(reply.header('retry-after', String(within.retryAfterSeconds)), pages.TOO_MANY);
  }
  const { next, confirms, ...secrets } = away.data;
  return welcome(deps, request, reply, { login, next, confirms, secrets });
}

interface Away {
  readonly login: Issuer;
  readonly next: string;
  readonly confirms: SignInWish['confirms'];
  readonly secrets: LoginSecrets;
}

async function welcome(
  deps: BrokerDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  { login, next, confirms, secrets }: Away,
): Promise<FastifyReply> {
  const { web, issuer, logger } = deps;
  const returned = await web.relyingParty.finish(login, cameTo(issuer, request), secrets);
  if (!returned.ok) return failed(deps, reply, returned.error, next);
  const refused = await refusalOf(deps, request, login, returned.value);
  if (refused !== undefined) {
    if (!NOT_KNOWN.has(refused.why)) return failed(deps, reply, { kind: 'refused', detail: refused.why }, next);
    logger.info('login.refused', { traceId: request.id, code: refused.code, reason: refused.why });
    return sendErrorPage(reply, pages.notKnown(login, returned.value.sub));
  }
  const { idToken: _, ...who } = returned.value;
  logger.info('login.done', { traceId: request.id });
  const isSame = secrets.freshSince !== null && confirms?.sub === who.sub;
  const purpose = isSame ? { purpose: confirms.purpose } : {};
  const cookies = [web.cookies.set('login'), await startSession(deps, { issuer: login.issuer, ...who, ...purpose })];
  return reply
    .removeHeader('set-cookie')
    .headers({ 'set-cookie': cookies, 'cache-control': 'no-store' })
    .redirect(next, 303);
}

/** Where the browser came back to: our own address, whatever the request says of hosts, with the query it brought. */
function cameTo(issuer: string, { url }: FastifyRequest): URL {
  const current = new URL(CALLBACK_PATH, issuer);
  current.search = url.split(/\?(.*)/s)[1] ?? '';
  return current;
}

/** The ID token passes the one function for tokens from outside, with our client as its only audience, and must mean a person. */
async function refusalOf(
  { verifier, policies, clock, ledger }: BrokerDeps,
  request: FastifyRequest,
  login: Issuer,
  { idToken }: Returned,
): Promise<RefusalOf<'subject_token_rejected'> | undefined> {
  const verified = await verifier.verify(idToken, { ...policies.inForce(), issuers: [login] }, clock.now());
  if (verified.ok) return undefined;
  const by: Attribution = { door: 'web', traceId: request.id, ...addressOf(request) };
  await ledger.note({ refusal: verified.error, by, attempted: 'login' });
  return verified.error;
}

function failed(deps: BrokerDeps, reply: FastifyReply, { kind, detail }: LoginProblem, next: string = HOME) {
  deps.logger.warn('login.failed', { traceId: reply.request.id, code: kind, detail });
  return sendErrorPage(reply, pages.FAILED[kind](loginPath(next)));
}

async function signOut(deps: BrokerDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const visitor = await visitorOf(deps, request);
  if (visitor.kind !== 'nobody') {
    const form = postedForm(request, visitor.session, deps.issuer);
    if (!form.ok) return sendErrorPage(reply, pages.FOREIGN_FORM);
  }
  const session = visitor.kind === 'nobody' ? undefined : visitor.session;
  reply.header('set-cookie', await endSession(deps, session));
  const main = html`<h1>You are signed out</h1><p class="lead">Here, not at your identity provider: that session is its own.</p>
<div class="actions"><a class="button" href="${loginPath(HOME)}">Sign in again</a></div>`;
  return sendPage(reply, { title: 'Signed out', main });
}
