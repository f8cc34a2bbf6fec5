/** The story, step by step, against a running product: real clicks, real requests, real answers. */
import { connectDriver, type PersonDriver, type SeenMessage, type WorkspaceDriver } from '@sallyport/testkit';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { type Calls, makeCalls, type Urls } from './broker.ts';
import { claim } from './check.ts';
import type { Printer } from './print.ts';
import type { Trail } from './trail.ts';

const AUDIENCE = 'https://orders-db.acme.test';
const CHANNEL = 'C01APPROVALS';
const UNTIL_MS = 15_000;

interface Stage {
  readonly urls: Urls;
  readonly print: Printer;
  readonly calls: Calls;
  readonly slack: WorkspaceDriver;
  readonly alice: PersonDriver;
  readonly bob: PersonDriver;
  readonly dan: PersonDriver;
  readonly gina: PersonDriver;
}

/** Plays all eight steps; throws DemoBroken where something is not as promised. `trail` reads the audit trail of a request. */
export async function playStory(urls: Urls, print: Printer, trail: Trail): Promise<void> {
  const slack = connectDriver(urls.workspace);
  const stage: Stage = {
    urls,
    print,
    calls: makeCalls(urls, print),
    slack,
    alice: slack.as('U01ALICE'),
    bob: slack.as('U01BOB'),
    dan: slack.as('U01DAN'),
    gina: slack.as('U01GINA'),
  };
  const requestId = await ask(stage);
  await pipelineWaits(stage, requestId);
  await refusals(stage, requestId);
  await approve(stage, requestId);
  const token = await pipelineGets(stage, requestId);
  await widening(stage, requestId);
  await endNow(stage, requestId, token);
  await readTrail(stage, requestId, trail);
}

async function ask({ print, alice, slack }: Stage): Promise<string> {
  print.step('Alice asks, in Slack, for the pipeline she owns');
  const before = new Set((await cards(slack)).map((card) => card.ts));
  print.does('Alice', 'types /request-access orders-db');
  await alice.types('/request-access orders-db', { channel: CHANNEL });
  await slack.until(async () => (await alice.modal())?.fields.role !== undefined, UNTIL_MS);
  print.does('Alice', 'picks admin, 30 minutes, for payments-deploy, and says why');
  await alice.fills({
    role: 'admin',
    subject: 'workload:payments-deploy',
    duration: '30m',
    justification: 'Backfill the orders that failed over night',
  });
  const sent = await alice.submits();
  claim(sent.user_error === undefined || sent.user_error === null, 'the form is accepted', sent.user_error);
  const card = await slack.until(
    async () =>
      (await cards(slack)).find(
        (one) => !before.has(one.ts) && one.buttons.some((button) => button.action_id === 'approve'),
      ),
    UNTIL_MS,
  );
  print.reads('#approvals', card.reads);
  const requestId = /req_[0-9a-z]{26}/.exec(JSON.stringify(card.blocks))?.[0];
  claim(requestId !== undefined, 'the card names the request');
  const dm = await slack.until(
    async () =>
      (await alice.dms()).find(
        (one) => one.reads.includes(requestId) || JSON.stringify(one.blocks).includes(requestId),
      ),
    UNTIL_MS,
  );
  print.reads('Alice hears', dm.reads);
  return requestId;
}

async function pipelineWaits({ print, calls }: Stage, requestId: string): Promise<void> {
  print.step('The pipeline asks the token endpoint with its own job token');
  const answer = await calls.exchange(await calls.jobToken('payments-deploy'), {
    audience: AUDIENCE,
    scope: 'orders:write',
    request_id: requestId,
  });
  claim(
    answer.body.error === 'authorization_pending',
    'nobody has approved yet: the pipeline is told to wait',
    answer.body,
  );
  print.holds('no token before people said yes');
}

async function refusals({ print, calls, alice, gina, slack }: Stage, requestId: string): Promise<void> {
  print.step('What must not work, and does not');
  await alice.clicks('approve', { request: requestId });
  print.does('Alice', 'clicks Approve on her own request');
  print.reads('only she sees', await slack.until(async () => (await alice.ephemerals()).at(-1)?.reads, UNTIL_MS));
  await gina.clicks('approve', { request: requestId });
  print.does('Gina, a guest,', 'clicks Approve');
  print.reads('only she sees', await slack.until(async () => (await gina.ephemerals()).at(-1)?.reads, UNTIL_MS));
  const own = await calls.rest('POST', `/v1/access-requests/${requestId}/decisions`, await calls.idToken('alice'), {
    verdict: 'approve',
    revision: 1,
  });
  claim(own.status === 403 && own.body.code === 'own_request', 'the REST door has the same answer', own.body);
  const other = await calls.exchange(await calls.jobToken('reports-nightly'), {
    audience: AUDIENCE,
    scope: 'orders:write',
    request_id: requestId,
  });
  claim(other.status === 400, 'another workload gets nothing', other.body);
  print.holds('self-approval, a guest and another workload are refused, and written down');
}

async function approve({ print, bob, dan, slack }: Stage, requestId: string): Promise<void> {
  print.step('Two people open the gate');
  print.does('Bob, her manager,', 'clicks Approve');
  await bob.clicks('approve', { request: requestId });
  const half = await slack.until(
    async () => (await cardOf(slack, requestId))?.reads.includes('1 of 2') && cardOf(slack, requestId),
    UNTIL_MS,
  );
  print.reads('#approvals', half.reads);
  print.does('Dan, of the database team,', 'clicks Approve');
  await dan.clicks('approve', { request: requestId });
  const open = await slack.until(
    async () => (await cardOf(slack, requestId))?.reads.includes('Active until') && cardOf(slack, requestId),
    UNTIL_MS,
  );
  print.reads('#approvals', open.reads);
}

async function pipelineGets({ urls, print, calls }: Stage, requestId: string): Promise<string> {
  print.step("The pipeline's next ask is answered with a token");
  const answer = await calls.exchange(await calls.jobToken('payments-deploy'), {
    audience: AUDIENCE,
    scope: 'orders:write',
    request_id: requestId,
  });
  claim(
    answer.status === 200 && typeof answer.body.access_token === 'string',
    'the pipeline gets its token',
    answer.body,
  );
  const token = String(answer.body.access_token);
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(`${urls.broker}/oauth/jwks`)), {
    issuer: urls.broker,
    audience: AUDIENCE,
    typ: 'at+jwt',
    algorithms: ['ES256'],
  });
  print.holds(
    `an unrelated verifier accepts it by JWKS: sub ${payload.sub}, scope ${payload.scope}, ${(payload.exp ?? 0) - (payload.iat ?? 0)} s`,
  );
  const told = await calls.introspect(token);
  claim(told.body.active === true, 'introspection says active', told.body);
  return token;
}

async function widening({ print, calls }: Stage, requestId: string): Promise<void> {
  print.step('No more than that');
  const more = await calls.exchange(await calls.jobToken('payments-deploy'), {
    audience: AUDIENCE,
    scope: 'orders:write orders:drop',
    request_id: requestId,
  });
  claim(more.body.error === 'invalid_scope', 'more scope is refused', more.body);
  const elsewhere = await calls.exchange(await calls.jobToken('payments-deploy'), {
    audience: 'https://metrics.acme.test',
    scope: 'orders:write',
    request_id: requestId,
  });
  claim(elsewhere.status === 400, 'another audience is refused', elsewhere.body);
  print.holds('the token says exactly what was approved');
}

async function endNow({ print, calls, alice, slack }: Stage, requestId: string, token: string): Promise<void> {
  print.step('Alice is done before the time is over');
  const dm = await slack.until(
    async () => (await alice.dms()).findLast((one) => one.buttons.some((button) => button.action_id === 'revoke')),
    UNTIL_MS,
  );
  print.does('Alice', 'clicks End now');
  await alice.clicks('revoke', { ts: dm.ts });
  const card = await slack.until(
    async () => (await cardOf(slack, requestId))?.reads.includes('Ended early') && cardOf(slack, requestId),
    UNTIL_MS,
  );
  print.reads('#approvals', card.reads);
  const told = await calls.introspect(token);
  claim(told.body.active === false, 'introspection says inactive at once', told.body);
  const again = await calls.exchange(await calls.jobToken('payments-deploy'), {
    audience: AUDIENCE,
    scope: 'orders:write',
    request_id: requestId,
  });
  claim(again.body.error === 'access_denied', 'no new token', again.body);
  print.holds('it is gone, half an hour early');
}

async function readTrail({ print }: Stage, requestId: string, trail: Trail): Promise<void> {
  print.step('The audit trail tells all of this, and verifies');
  for (const line of await trail.of(requestId)) print.say(`     ${line}`);
  print.holds(await trail.verify());
}

async function cards(slack: WorkspaceDriver): Promise<readonly SeenMessage[]> {
  return (await slack.channel(CHANNEL).messages()).filter(
    (message) => message.thread_ts === undefined || message.thread_ts === message.ts,
  );
}

async function cardOf(slack: WorkspaceDriver, requestId: string): Promise<SeenMessage | undefined> {
  return (await cards(slack)).find((card) => JSON.stringify(card.blocks).includes(requestId));
}
