/** Two processes of the Slack program, one killed or ended at any moment while people click: no click lost, no decision doubled. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { PersonDriver } from '@sallyport/testkit';
import { type House, startHouse } from './house/house.ts';
import { CHANNEL, type People, peopleOf, WHY } from './house/people.ts';

const MINUTE_MS = 60_000;
const ROUNDS = 6;
/** Killed only between clicks it would show nothing: then it goes on. */
const ROUNDS_MAX = 15;
/** A card whose poster died between posting and writing it down is taken over after 30 s; until then clicks on it are refused. */
const ADOPTED_MS = 60_000;
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

  test(
    'I-6 I-20 case 17b: case 37: one is killed at any moment: each click is recorded or its person is told, none counts twice, one card',
    async () => {
      const random = seeded(SEED);
      const requests: string[] = [];
      let cut = 0;
      for (let round = 0; round < ROUNDS || (cut === 0 && round < ROUNDS_MAX); round += 1) {
        const victim = house.slacks[round % 2];
        if (victim === undefined) throw new Error('two processes');
        const request = await asks();
        requests.push(request);
        const clicks: readonly Click[] = [
          { request, person: 'bob@acme.test', by: people.bob },
          { request, person: 'dan@acme.test', by: people.dan },
        ];
        await people.slack.until(async () => (await people.card(request)) !== undefined, MINUTE_MS);
        const pressing = clicks.map(presses);
        await new Promise((resolve) => setTimeout(resolve, random() * KILL_WITHIN_MS));
        // One in four is asked to end, and ends well: what it has begun is finished, what it refuses is sent elsewhere.
        const signal = round % 4 === 3 ? 'SIGTERM' : 'SIGKILL';
        expect(await victim.end(signal)).toBe(signal === 'SIGTERM' ? 0 : null);
        cut += (await Promise.all(pressing)).filter((first) => !first).length;
        await endsAll(request);
        await victim.start();
      }
      for (const request of requests) {
        // Every card says so in the end, although whoever drew it may be dead, and there is one of each.
        await people.cardReads(request, 'Ended early', MINUTE_MS);
        expect(await cardsOf(request)).toBe(1);
        expect(await decisions(request)).toEqual([
          { person: 'bob@acme.test', verdict: 'approve' },
          { person: 'dan@acme.test', verdict: 'approve' },
        ]);
      }
      expect(cut).toBeGreaterThan(0);
      const violations = (await people.slack.violations()).filter((one) => one.kind !== 'ack_over_3s');
      expect(violations).toEqual([]);
    },
    4 * MINUTE_MS,
  );

  /**
   * Presses, and again while it does not count, as people do: true when the first press counted. A press that is neither
   * recorded nor answered, by Slack or by us, is a lost click.
   */
  async function presses(click: Click): Promise<boolean> {
    const end = performance.now() + ADOPTED_MS;
    for (let again = 0; ; again += 1) {
      const before = await lastWord(click);
      const outcome = await click.by.clicks('approve', { request: click.request, channel: CHANNEL });
      if (await recorded(click)) return again === 0;
      const told = outcome.user_error !== null || (await lastWord(click)) !== before;
      if (!told || performance.now() > end) throw new Error(`lost: ${JSON.stringify([click, outcome])}\n${logs()}`);
    }
  }

  const lastWord = async ({ by }: Click): Promise<string | undefined> => (await by.ephemerals()).at(-1)?.ts;
  const logs = (): string => house.slacks.map((one) => one.log().slice(-4_000)).join('\n---\n');

  /** One grant came of it; its end makes room for the next round. */
  async function endsAll(request: string): Promise<void> {
    const grants = await house.database.sql<{ id: string }>('select id from grants where request_id = $1', [request]);
    expect(grants).toHaveLength(1);
    const ended = await people.rest('alice', 'POST', `/v1/grants/${String(grants[0]?.id)}/revoke`);
    expect(ended.body.state).toBe('revoked');
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
