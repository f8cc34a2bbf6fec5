/** What a wait shows: one live line on a terminal, plain lines in CI. */
import { describe, expect, test } from '@jest/globals';
import { ISSUED, issued, notNow, pending, problem, REQUEST, seen, stillPending } from '../testing/answers.ts';
import { TOKEN } from '../testing/canned-broker.ts';
import { runToken, WAIT } from '../testing/run-token.ts';

const given = (count: number) => seen('pending', { approvals: { required: 2, given: count } });
const changed = (count: number) => ({ ...given(count), headers: { etag: '"2.pending.none"' } });
const waits = (count: number) => Array.from({ length: count }, () => stillPending);
const waiting = (stderr: string) => stderr.split('\n').filter((line) => line.includes('Waiting for approval'));

describe('in CI', () => {
  test('one line at the start, one for each change', async () => {
    const views = [given(0), given(0), given(1)];
    const { stderr, stdout } = await runToken(WAIT, [pending, ...waits(4), issued], { views });
    expect(waiting(stderr)).toEqual([
      `Waiting for approval · ${REQUEST} · 0 of 2 approvals`,
      `Waiting for approval · ${REQUEST} · 1 of 2 approvals`,
    ]);
    expect(stderr).not.toMatch(/[\r\u001b]/);
    expect(stdout).toBe(`${ISSUED}\n`);
  });

  test('one a minute at most while nothing changes, so that nobody takes the job for dead', async () => {
    const { stderr } = await runToken(WAIT, [pending, ...waits(30), issued], { views: [given(0)] });
    expect(waiting(stderr)).toEqual([
      `Waiting for approval · ${REQUEST} · 0 of 2 approvals`,
      `Waiting for approval · ${REQUEST} · 0 of 2 approvals · 1m of 10m`,
      `Waiting for approval · ${REQUEST} · 0 of 2 approvals · 2m of 10m`,
    ]);
  });

  test('plain lines also where the CI system gives jobs a terminal', async () => {
    const { stderr } = await runToken(WAIT, [pending, issued], { terminal: true, env: { CI: 'true' } });
    expect(stderr).not.toContain('\r');
  });

  test('an outage is a change', async () => {
    const { stderr } = await runToken(WAIT, [pending, notNow, stillPending, issued]);
    expect(waiting(stderr)).toEqual([
      `Waiting for approval · ${REQUEST}`,
      `the broker cannot answer right now, trying again · Waiting for approval · ${REQUEST}`,
      `Waiting for approval · ${REQUEST}`,
    ]);
  });
});

describe('on a terminal', () => {
  test('one line, rewritten in place each second, gone at the end', async () => {
    const { stderr, stdout } = await runToken(WAIT, [pending, ...waits(1), issued], {
      terminal: true,
      views: [given(1), { status: 0, holds: true }],
      env: { NO_COLOR: '1' },
    });
    const line = (time: string) => `\r\u001b[2KWaiting for approval · ${REQUEST} · 1 of 2 approvals · ${time} of 10m`;
    for (const time of ['0s', '1s', '2s', '9s']) expect(stderr).toContain(line(time));
    expect(stderr.slice(stderr.lastIndexOf('10s of 10m'))).toMatch(/^10s of 10m\r\u001b\[2Ka token for .*\n$/);
    expect(stdout).toBe(`${ISSUED}\n`);
  });

  test('never wider than the terminal: a line that wraps cannot be rewritten', async () => {
    const { stderr } = await runToken(WAIT, [pending, issued], { terminal: true, columns: 40, env: { NO_COLOR: '1' } });
    const lines = stderr.split('\r\u001b[2K').filter((line) => line.startsWith('Waiting'));
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) expect(line.length).toBeLessThan(40);
    expect(lines[0]).toMatch(/… · 0s of 10m$/);
  });
});

describe('how many have approved', () => {
  test('shows at once on a terminal, also while a poll is held: the reads are held as well', async () => {
    const held = { status: 0, holds: true };
    const interrupt = new AbortController();
    const { stderr, viewed } = await runToken(WAIT, [pending, held], {
      terminal: true,
      env: { NO_COLOR: '1' },
      views: [given(0), changed(1), held],
      interrupt,
      onViewed: (count) => void (count === 3 && interrupt.abort()),
    });
    expect(stderr).toContain('0 of 2 approvals');
    expect(stderr).toContain('1 of 2 approvals');
    expect(viewed.map(({ path, headers }) => [path.split('?')[1], headers['if-none-match']])).toEqual([
      ['wait=0', undefined],
      ['wait=20', '"1.pending.none"'],
      ['wait=20', '"2.pending.none"'],
    ]);
  });

  test('is asked with the token that asked for the access, and given up at the first no', async () => {
    const { viewed, stderr } = await runToken(WAIT, [pending, ...waits(3), issued], {
      views: [given(1), problem(401, 'subject_token_rejected'), given(2)],
    });
    expect(viewed.map(({ path }) => path)).toEqual(Array(2).fill(`/v1/access-requests/${REQUEST}?wait=0`));
    expect(viewed[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(stderr).toContain('1 of 2 approvals');
    expect(stderr).not.toContain('2 of 2');
  });

  test('an outage there is no reason to stop asking', async () => {
    const { viewed } = await runToken(WAIT, [pending, ...waits(2), issued], {
      views: [problem(503, 'unavailable', {}, { 'retry-after': '1' }), given(1)],
    });
    expect(viewed.length).toBe(3);
  });
});
