/** Two processes of the Slack program, one killed at any moment while people click: no click lost, no decision doubled, one card. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Outcome, PersonDriver } from '@sallyport/testkit';
import { type House, startHouse } from './house/house.ts';
import { CHANNEL, type People, peopleOf, WHY } from './house/people.ts';

const MINUTE_MS = 60_000;
const ROUNDS = 12;
/** A click takes some ten milliseconds: killed before, in, and after it. */
const KILL_WITHIN_MS = 60;
const SEED = 20_261_128;

jest.setTimeout(4 * MINUTE_MS);

interface Click {
  readonly request: string;
  readonly person: string;
  readonly by: PersonDriver;
}

describe.each(['http', 'socket'] as const)('two processes of the Slack program, by %s', (slackMode) => {
  let house: House;
  let people: People;
  beforeEach(async () => {
    house = await startHouse({ slackMode, slackProcesses: 2 });
    people = peopleOf(house);
  }, MINUTE_MS);
  afterEach(() => house?.stop(), MINUTE_MS);

  const asks = async (): Promise<string> => {
    const answer = await people.rest('alice', 'POST', '/v1/access-requests', {
      resource: 'orders-db',
      role: 'admin',
      subject: { workload: 'payments-deploy' },
      duration: '30m',
      justification: WHY,
    });
    expect(answer.status).toBe(201);
    return String(answer.body.id);
  };
  const decisions = (request: string) =>
    house.database.sql<{ person: string; verdict: string }>(
      'select person, verdict from decisions where request_id = $1 order by person',
      [request],
    );
  const recorded = async ({ request, person }: Click): Promise<boolean> =>
    (await decisions(request)).some((one) => one.person === person);
  const toldOf = async ({ by }: Click): Promise<number> => (await by.ephemerals()).length + (await by.dms()).length;

  test(
    'I-16 case 17b: killed by SIGKILL at any moment: each click is recorded, or its person is told; none counts twice',
    async () => {
      const random = seeded(SEED);
      let failed = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const victim = house.slacks[round % 2];
        if (victim === undefined) throw new Error('two processes');
        const request = await asks();
        const clicks: readonly Click[] = [
          { request, person: 'bob@acme.test', by: people.bob },
          { request, person: 'dan@acme.test', by: people.dan },
        ];
        await people.slack.until(async () => (await people.card(request))?.buttons.length !== undefined, MINUTE_MS);
        const pressing = clicks.map((click) => click.by.clicks('approve', { request, channel: CHANNEL }));
        await new Promise((resolve) => setTimeout(resolve, random() * KILL_WITHIN_MS));
        expect(await victim.end('SIGKILL')).toBe(null);
        const outcomes = await Promise.all(pressing);
        for (const [index, click] of clicks.entries()) {
          failed += (await settled(click, outcomes[index])) ? 0 : 1;
        }
        // The card says so, although whoever drew it may be dead; nobody's approval counts twice.
        await people.cardReads(request, 'Active until', MINUTE_MS);
        expect(await decisions(request)).toEqual([
          { person: 'bob@acme.test', verdict: 'approve' },
          { person: 'dan@acme.test', verdict: 'approve' },
        ]);
        expect(await cardsOf(request)).toBe(1);
        const grants = await house.database.sql<{ id: string }>('select id from grants where request_id = $1', [
          request,
        ]);
        expect(grants).toHaveLength(1);
        await people.rest('alice', 'POST', `/v1/grants/${String(grants[0]?.id)}/revoke`);
        await victim.start();
      }
      const violations = (await people.slack.violations()).filter((one) => one.kind !== 'ack_over_3s');
      expect(violations).toEqual([]);
      // A deadline that only ever hit idle processes would show nothing: some click of these rounds was cut.
      console.info(`${failed} of ${2 * ROUNDS} clicks were cut`);
    },
    4 * MINUTE_MS,
  );

  /** True: it counted at once. False: Slack said it failed, so the person pressed again. Anything else is a lost click. */
  async function settled(click: Click, outcome: Outcome | undefined): Promise<boolean> {
    if (outcome?.user_error === null) {
      expect(await recorded(click)).toBe(true);
      return true;
    }
    const before = await toldOf(click);
    for (let again = 0; again < 5 && !(await recorded(click)); again += 1) {
      await click.by.clicks('approve', { request: click.request, channel: CHANNEL });
    }
    expect(await recorded(click)).toBe(true);
    expect(await toldOf(click)).toBeGreaterThanOrEqual(before);
    return false;
  }

  async function cardsOf(request: string): Promise<number> {
    const messages = await people.slack.channel(CHANNEL).messages();
    return messages.filter(
      (one) => [undefined, one.ts].includes(one.thread_ts) && JSON.stringify(one.blocks).includes(request),
    ).length;
  }
});

/** Numbers from 0 to 1, the same at every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
