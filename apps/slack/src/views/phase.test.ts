/** The exact copy of every state, on the card and in the messages to the requester. */
import { describe, expect, test } from '@jest/globals';
import {
  type AccessCase,
  after,
  type Decision,
  type DomainEvent,
  type Grant,
  hours,
  type Instant,
  instant,
  minutes,
  person,
  stepOf,
} from '@sallyport/core';
import {
  ALICE,
  aDecision,
  aGrantOf,
  anOpening,
  aPolicy,
  BOB,
  CAROL,
  DAN,
  DEPLOY,
  group,
  theManager,
} from '@sallyport/testkit/core';
import { plainText } from '@sallyport/testkit/slack';
import { countsFor } from './approvals.ts';
import { approverMessage } from './approver-message.ts';
import type { Message } from './blocks.ts';
import type { Drawn } from './phase.ts';
import { cardText, requestCard } from './request-card.ts';
import { endMessage, firstMessage, newsMessage } from './requester-messages.ts';
import { threadLines } from './thread-lines.ts';

const policy = aPolicy();
const at = (hour: number, minute: number): Instant => instant(Date.UTC(2026, 8, 15, hour, minute));
const LINES = [
  { count: 1, from: [theManager] },
  { count: 1, from: [group('dba')] },
];
/** Alice asks for herself at 13:00; the pending time ends 18:30. */
const opened = anOpening({
  subject: ALICE,
  lines: LINES,
  openedAt: at(13, 0),
  expiresAt: at(18, 30),
  duration: minutes(30),
  ticket: 'OPS-1',
}).next;

function decided(c: AccessCase, who: Decision['person'], when: Instant, line: number): AccessCase {
  const decision = aDecision(c.request, { person: who, at: when, lines: [line] });
  return stepOf(c, [{ type: 'decision.made', at: when, decision }]).next;
}
function stepped(c: AccessCase, first: DomainEvent, ...events: DomainEvent[]): AccessCase {
  return stepOf(c, [first, ...events]).next;
}
const one = decided(opened, BOB.id, at(13, 4), 0);
const two = decided(one, DAN.id, at(13, 5), 1);
const grantFrom = (when: Instant): Grant => aGrantOf(two.request, when);
const granted = (grant: Grant): AccessCase =>
  stepped(
    two,
    { type: 'request.approved', at: at(13, 5), by: DAN.id },
    { type: 'grant.started', at: at(13, 5), grant },
  );
const active = granted(grantFrom(at(13, 5)));
const denied = stepped(
  one,
  {
    type: 'decision.made',
    at: at(13, 5),
    decision: aDecision(one.request, {
      person: DAN.id,
      verdict: 'deny',
      reason: 'use the read role',
      at: at(13, 5),
      lines: [1],
    }),
  },
  { type: 'request.denied', at: at(13, 5), by: DAN.id, reason: 'use the read role' },
);

const draw = (c: AccessCase, now: Instant, tokens?: number): Drawn => ({
  case: c,
  at: { now, policy },
  ...(tokens === undefined ? {} : { use: { tokens, last: { at: at(13, 31), clientId: 'ci' } } }),
});
const status = (drawn: Drawn): string =>
  plainText(requestCard(drawn).blocks as never)
    .split('\n')
    .slice(7)
    .join('\n');
const reads = (message: Message): string => plainText(message.blocks as never);
const firstLine = (message: Message): string => reads(message).split('\n')[0] ?? '';
const buttons = (message: Message): readonly string[] =>
  [...reads(message).matchAll(/\[([^\]]+)\]/g)].map((found) => found[1] ?? '');

describe('the card', () => {
  test('its derived facts come first, the own words are a quote, ids of people only in From and For', () => {
    expect(plainText(requestCard(draw(opened, at(13, 0))).blocks as never).split('\n')).toEqual([
      'Access request: Orders database (production), admin',
      'From: Alice Ahn (alice@acme.test)',
      'For: Alice Ahn (alice@acme.test)',
      'Role: admin (orders:read orders:write)',
      'For how long: 30 minutes',
      'Ticket: OPS-1',
      '> rotate the leaked credentials',
      'Pending. 0 of 2 approvals. Waiting for: Bob Berg (manager), 1 from dba. Expires 18:30 UTC.',
      '1 from dba: Carol Cole or Dan Dorn can answer.',
      `High risk · rule payments-admin · ${opened.request.id}`,
      '[Approve] [Deny] [Approve for less] [Ask a question] [Details]',
    ]);
  });

  test('its text says who asks what, and where it stands', () => {
    expect(cardText(draw(one, at(13, 4)))).toBe(
      `Alice Ahn asks for admin on Orders database (production) for 30 minutes. Pending, 1 of 2 approvals. ${one.request.id}`,
    );
  });

  test('Approve asks back what exactly is approved, and for whom', () => {
    const [approve] = requestCard(draw(opened, at(13, 0))).blocks.flatMap((block) =>
      block.type === 'actions' ? block.elements : [],
    );
    expect(approve).toMatchObject({
      action_id: 'approve',
      value: `{"r":"${opened.request.id}","v":1}`,
      accessibility_label: `Approve request ${opened.request.id}`,
      confirm: { text: { text: 'Approve admin on Orders database (production) for 30 minutes for Alice Ahn?' } },
    });
  });

  const foot = `High risk · rule payments-admin · ${opened.request.id}`;
  test.each([
    [
      'one of two',
      draw(one, at(13, 4)),
      'Pending. 1 of 2 approvals. Bob Berg approved at 13:04 UTC. Waiting for: 1 from dba. Expires 18:30 UTC.\n1 from dba: Carol Cole or Dan Dorn can answer.',
      '[Approve] [Deny] [Approve for less] [Ask a question] [Details]',
    ],
    [
      'starts later',
      draw(granted({ ...grantFrom(at(15, 0)) }), at(13, 5)),
      'Approved by Bob Berg, Dan Dorn. Starts 15:00 UTC, ends 15:30 UTC.',
      '[End now]',
    ],
    ['active', draw(active, at(13, 6)), 'Active until 13:35 UTC. Approved by Bob Berg, Dan Dorn.', '[End now]'],
    ['denied', draw(denied, at(13, 6)), 'Denied by Dan Dorn at 13:05 UTC.\n> use the read role', undefined],
    [
      'canceled',
      draw(stepped(opened, { type: 'request.canceled', at: at(13, 2), by: ALICE }), at(13, 3)),
      'Canceled by Alice Ahn at 13:02 UTC.',
      undefined,
    ],
    ['request expired, no worker', draw(one, at(18, 31)), 'Expired at 18:30 UTC with 1 of 2 approvals.', undefined],
    [
      'grant revoked',
      draw(stepped(active, { type: 'grant.revoked', at: at(13, 20), by: CAROL }), at(13, 21)),
      'Ended early by Carol Cole at 13:20 UTC.',
      undefined,
    ],
    [
      'grant expired, no worker',
      draw(active, at(13, 36), 3),
      'Ended at 13:35 UTC, time was over. 3 tokens were issued, the last at 13:31 UTC by client ci.',
      undefined,
    ],
  ])('%s', (_state, drawn, line, pressed) => {
    expect(status(drawn)).toBe([line, foot, ...(pressed === undefined ? [] : [pressed])].join('\n'));
  });

  test('approved by a rule', () => {
    const auto = anOpening({
      effect: 'auto_approve',
      lines: [],
      ruleId: 'payments-read' as never,
      openedAt: at(13, 5),
    }).next;
    const grant = aGrantOf(auto.request, at(13, 5));
    const live = stepped(
      auto,
      { type: 'request.approved', at: at(13, 5) },
      { type: 'grant.started', at: at(13, 5), grant },
    );
    expect(reads(requestCard(draw(live, at(13, 6))))).toContain(
      'Active until 13:35 UTC. Approved automatically by rule payments-read.',
    );
  });

  test('a time of another day has its date', () => {
    const far = { ...active, grant: { ...grantFrom(at(13, 5)), expiresAt: after(at(13, 5), hours(30)) } };
    expect(status(draw(far as AccessCase, at(13, 6)))).toContain('Active until 2026-09-16 19:05 UTC.');
  });
});

describe('messages to the requester', () => {
  const now = at(13, 6);
  test.each([
    [
      'pending',
      firstMessage(draw(opened, now)),
      'Sent to Bob Berg and dba. Expires 18:30 UTC.',
      ['Cancel request', 'Nudge'],
    ],
    ['one of two', firstMessage(draw(one, now)), '1 of 2. Waiting for 1 from dba.', ['Cancel request', 'Nudge']],
    [
      'starts later',
      newsMessage(draw(granted(grantFrom(at(15, 0))), now)),
      'Approved: admin on Orders database (production), from 15:00 UTC to 15:30 UTC.',
      ['End now'],
    ],
    [
      'active',
      newsMessage(draw(active, now)),
      'Approved: admin on Orders database (production), active until 13:35 UTC.',
      ['End now'],
    ],
    ['denied', newsMessage(draw(denied, now)), 'Denied by Dan Dorn.', ['Request again']],
    [
      'canceled',
      firstMessage(draw(stepped(opened, { type: 'request.canceled', at: at(13, 2), by: ALICE }), now)),
      'Canceled.',
      [],
    ],
    [
      'request expired',
      newsMessage(draw(opened, at(18, 31))),
      'Nobody decided in time. Expired at 18:30 UTC.',
      ['Request again'],
    ],
    [
      'grant revoked',
      endMessage(draw(stepped(active, { type: 'grant.revoked', at: at(13, 20), by: CAROL }), at(13, 21)), ALICE.id),
      'Carol Cole ended your access at 13:20 UTC.',
      [],
    ],
    [
      'grant revoked by oneself',
      endMessage(draw(stepped(active, { type: 'grant.revoked', at: at(13, 20), by: ALICE }), at(13, 21)), ALICE.id),
      'You ended it at 13:20 UTC.',
      [],
    ],
    [
      'grant expired',
      endMessage(draw(active, at(13, 36)), ALICE.id),
      'Your access ended at 13:35 UTC.',
      ['Request again'],
    ],
  ])('%s', (_state, message, line, pressed) => {
    expect(firstLine(message)).toBe(line);
    expect(buttons(message)).toEqual(pressed);
    expect(message.text.startsWith(line)).toBe(true);
  });

  test('the approval says how to get a token', () => {
    expect(reads(newsMessage(draw(active, now)))).toContain(
      'Get a token: npx sallyport token --audience https://orders-db.acme.test --scope "orders:read orders:write"',
    );
  });

  test('an owner of a workload that asked itself reads the workload’s name', () => {
    const own = stepped(active, { type: 'grant.revoked', at: at(13, 20), by: CAROL });
    const c = { ...own, request: { ...own.request, subject: DEPLOY, requester: DEPLOY } };
    expect(firstLine(endMessage(draw(c, at(13, 21)), ALICE.id))).toBe(
      "Carol Cole ended payments-deploy's access at 13:20 UTC.",
    );
  });
});

describe('messages to approvers', () => {
  test('say for which line their approval counts, and where the card is', () => {
    const message = approverMessage(draw(opened, at(13, 0)), {
      approver: DAN.id,
      asCard: false,
      cardUrl: 'https://x.test/p1',
    });
    expect(firstLine(message)).toBe(
      'Alice Ahn asks for admin on Orders database (production) for 30 minutes. Your approval counts for: dba.',
    );
    expect(buttons(message)).toEqual(['Open the card']);
    expect(countsFor({ policy, now: at(13, 0) }, opened.request, BOB.id)).toBe('manager');
    expect(countsFor({ policy, now: at(13, 0) }, opened.request, person('dave@acme.test').id)).toBe('');
  });

  test('without a channel they are cards themselves', () => {
    const message = approverMessage(draw(opened, at(13, 0)), { approver: DAN.id, asCard: true });
    expect(buttons(message)).toEqual(['Approve', 'Deny', 'Approve for less', 'Ask a question', 'Details']);
  });
});

test('the thread has one line for each event, in order', () => {
  const ended = stepped(active, { type: 'grant.revoked', at: at(13, 20), by: CAROL });
  expect(threadLines(draw(ended, at(13, 21))).map((line) => reads(line.message))).toEqual([
    'Bob Berg approved this at 13:04 UTC.',
    'Dan Dorn approved this at 13:05 UTC.',
    'Ended early by Carol Cole at 13:20 UTC.',
  ]);
});
