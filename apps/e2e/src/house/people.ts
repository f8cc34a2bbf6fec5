/** The people and pipelines of a house: what they do in Slack, at the token endpoint and by REST. */
import type { PersonDriver, SeenMessage } from '@sallyport/testkit';
import type { House } from './house.ts';

export const ORDERS = 'https://orders-db.acme.test';
export const CHANNEL = 'C01APPROVALS';
export const WHY = 'Backfill the orders that failed over night';
const TE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const DEF = 'urn:ietf:params:oauth:grant-type:deferred';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';
const UNTIL_MS = 15_000;

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Builds the doings of one house. */
export function peopleOf(house: House) {
  const slack = house.workspace.driver;
  const as = (id: string): PersonDriver => slack.as(id);

  async function form(
    path: string,
    params: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return read(
      await fetch(house.broker.url + path, {
        method: 'POST',
        headers,
        body: new URLSearchParams(params),
        signal: AbortSignal.timeout(UNTIL_MS),
      }),
    );
  }

  const jobToken = (repositoryId = '123') =>
    house.issuers.issuer('ci').jobToken({ audience: house.issuer, repositoryId });
  const idToken = (sub: string) => house.issuers.issuer('workforce').idToken({ sub, audience: 'sallyport' });

  const exchangeWith = (subjectToken: string, more: Readonly<Record<string, string>> = {}) =>
    form('/oauth/token', {
      grant_type: TE,
      client_id: 'ci',
      subject_token: subjectToken,
      subject_token_type: JWT,
      audience: ORDERS,
      scope: 'orders:write',
      ...more,
    });

  async function rest(who: string, method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
    const headers = {
      authorization: `Bearer ${await idToken(who)}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    return read(
      await fetch(house.broker.url + path, {
        method,
        headers,
        signal: AbortSignal.timeout(UNTIL_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  }

  /** The card of a request in the approvals channel. */
  async function card(requestId: string): Promise<SeenMessage | undefined> {
    const messages = await slack.channel(CHANNEL).messages();
    return messages.find(
      (message) =>
        (message.thread_ts === undefined || message.thread_ts === message.ts) &&
        JSON.stringify(message.blocks).includes(requestId),
    );
  }

  const cardReads = (requestId: string, text: string, ms = UNTIL_MS) =>
    slack.until(async () => {
      const found = await card(requestId);
      return found?.reads.includes(text) ? found : undefined;
    }, ms);

  /** Alice asks in Slack, for the pipeline she owns. Gives the request's id once its card is there. */
  async function aliceAsks(fields: Readonly<Record<string, string>> = {}): Promise<string> {
    const alice = as('U01ALICE');
    const before = new Set((await slack.channel(CHANNEL).messages()).map((message) => message.ts));
    await alice.types('/request-access orders-db', { channel: CHANNEL });
    await slack.until(async () => (await alice.modal())?.fields.role !== undefined, UNTIL_MS);
    await alice.fills({
      role: 'admin',
      subject: 'workload:payments-deploy',
      duration: '30m',
      justification: WHY,
      ...fields,
    });
    await alice.submits();
    await alice.closes({ all: true });
    const message = await slack.until(
      async () =>
        (await slack.channel(CHANNEL).messages()).find(
          (one) => !before.has(one.ts) && one.buttons.some((button) => button.action_id === 'approve'),
        ),
      UNTIL_MS,
    );
    const id = /req_[0-9a-z]{26}/.exec(JSON.stringify(message.blocks))?.[0];
    if (id === undefined) throw new Error(`the card names no request: ${message.reads}`);
    return id;
  }

  /** The trail of a request, oldest first. */
  const trail = (requestId: string) =>
    house.database.sql<{ type: string; actor: string | null; reason_code: string | null }>(
      'select type, actor, reason_code from audit where request_id = $1 order by id',
      [requestId],
    );

  return {
    slack,
    as,
    alice: as('U01ALICE'),
    bob: as('U01BOB'),
    dan: as('U01DAN'),
    carol: as('U01CAROL'),
    form,
    jobToken,
    idToken,
    exchange: async (more: Readonly<Record<string, string>> = {}) => exchangeWith(await jobToken(), more),
    exchangeWith,
    poll: (code: string) => form('/oauth/token', { grant_type: DEF, client_id: 'ci', deferral_code: code }),
    introspect: (token: string) =>
      form(
        '/oauth/introspect',
        { token },
        { authorization: `Basic ${Buffer.from('orders-api:orders-api-demo-secret').toString('base64')}` },
      ),
    rest,
    card,
    cardReads,
    aliceAsks,
    trail,
    async approved(): Promise<string> {
      const id = await aliceAsks();
      await as('U01BOB').clicks('approve', { request: id });
      await as('U01DAN').clicks('approve', { request: id });
      await cardReads(id, 'Active until');
      return id;
    },
  };
}

export type People = ReturnType<typeof peopleOf>;

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}
