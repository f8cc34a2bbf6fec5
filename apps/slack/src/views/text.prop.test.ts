/** Whatever people write, it stays text: nothing invisible, nothing that acts, nothing longer than Slack takes. */
import { describe, expect, test } from '@jest/globals';
import { type AccessCase, HISTORY_MAX, minutes, QUESTIONS_MAX, type Scope, scopeSet } from '@sallyport/core';
import {
  aDecision,
  anOpening,
  aPendingCase,
  aPolicy,
  aResource,
  aRole,
  changed,
  DEPLOY,
  NOON,
  withPerson,
} from '@sallyport/testkit/core';
import { actingParts } from '@sallyport/testkit/slack';
import fc from 'fast-check';
import { approverMessage } from './approver-message.ts';
import { denyFormView } from './deny-modal-view.ts';
import { detailsView } from './details-view.ts';
import { homeView } from './home-view.ts';
import { lessFormView, scopeFieldsOf } from './less-modal-view.ts';
import { limits } from './limits.ts';
import type { Drawn } from './phase.ts';
import { answerFormView, answerMessage, askFormView, questionMessage } from './question-views.ts';
import { escalationMessage, nudgeMessage, reminderMessage } from './reminders.ts';
import { requestCard } from './request-card.ts';
import { requestFormView } from './request-modal-view.ts';
import { firstMessage, newsMessage } from './requester-messages.ts';
import { revisedMessage } from './revised-message.ts';
import { sentView } from './sent-view.ts';
import { cut, escapeMrkdwn, oneLine, paragraph, visible } from './text.ts';
import { threadLines } from './thread-lines.ts';

const policy = aPolicy();
const INVISIBLE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]|\p{Surrogate}|\p{M}{5}/u;
const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 3_000 }),
  fc.string({ unit: 'grapheme', maxLength: 3_000 }),
  fc.constantFrom(
    '<!channel>',
    '<@U01BOB>',
    '<http://evil|https://acme.test>',
    '\u202eevil',
    '\u200b',
    '*Approved by* Bob\n>fake',
    '😀'.repeat(2_000),
  ),
);

/** The fullest page of the middle, with the button to the next. */
const full = <T>(item: T) => ({ items: Array.from({ length: 10 }, () => item), page: 1, total: 200 });

describe('text', () => {
  test('MR-5: nothing invisible is left, and nothing visible is added', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(visible(text)).not.toMatch(INVISIBLE);
        expect(oneLine(text)).not.toMatch(/[\n\t]/);
        expect(oneLine(text)).not.toBe('');
        expect(paragraph(text)).not.toBe('');
      }),
    );
  });

  test('MR-5: cut never exceeds the length and never halves a character', () => {
    fc.assert(
      fc.property(nasty, fc.integer({ min: 1, max: 200 }), (text, max) => {
        const short = cut(visible(text), max);
        expect(short.length).toBeLessThanOrEqual(max);
        expect(short).not.toMatch(/\p{Surrogate}/u);
      }),
    );
  });

  test('MR-5: what is escaped acts no more', () => {
    fc.assert(fc.property(nasty, (text) => expect(actingParts([], escapeMrkdwn(text))).toEqual([])));
  });
});

describe('views', () => {
  const drawnOf = (words: { justification: string; ticket: string; name: string }): Drawn => {
    const named = withPerson(policy, 'alice@acme.test', { name: words.name });
    const access = { ...aPendingCase().request.access, details: [{ type: 'orders', note: words.ticket }] };
    const opened = anOpening({
      justification: words.justification,
      ticket: words.ticket,
      bindingMessage: words.name.slice(0, 64),
      actor: DEPLOY,
      access,
      openedAt: NOON,
    }).next;
    return { case: opened, at: { now: NOON, policy: named } };
  };
  const denied = (drawn: Drawn, reason: string): Drawn => {
    const request = { ...drawn.case.request, status: { state: 'denied', at: NOON, by: 'bob@acme.test', reason } };
    return { ...drawn, case: { ...drawn.case, request } as AccessCase };
  };
  /** As many questions as there may be, all answered, in somebody's words; and a history as long as it is read. */
  const questioned = (drawn: Drawn, text: string): Drawn => {
    const said = { by: 'bob@acme.test' as never, at: NOON, text };
    const questions = Array.from({ length: QUESTIONS_MAX }, (_, index) => ({
      number: index + 1,
      asked: said,
      answered: said,
    }));
    const earlier = Array.from({ length: HISTORY_MAX.earlier }, () => drawn.case);
    return { ...drawn, questions, history: { earlier, live: earlier, askedAt: [NOON] } };
  };
  const narrowed = (drawn: Drawn): Drawn => {
    const { request } = drawn.case;
    const smaller = { ...request, revision: 2 };
    return { ...drawn, case: { ...drawn.case, request: smaller, decisions: [aDecision(smaller)] } };
  };
  const URL = 'https://sallyport.acme.test/requests/req_00000000000000000000000000';
  const steppedUp = (drawn: Drawn): Drawn => {
    const resources = drawn.at.policy.resources.map((one) => ({ ...one, stepUp: true as const }));
    return { ...drawn, pageUrl: URL, at: { ...drawn.at, policy: changed(drawn.at.policy, { resources }) } };
  };
  const words = fc.record({ justification: nasty, ticket: nasty, name: nasty, reason: nasty });

  test('MR-5: on no card, message or modal does anything act that people wrote, and Slack’s sizes hold', () => {
    fc.assert(
      fc.property(words, (given) => {
        const pending = drawnOf(given);
        const final = denied(pending, given.reason);
        const reader = { reader: 'bob@acme.test' as never };
        const messages = [
          requestCard(pending),
          requestCard(final),
          requestCard(steppedUp(pending)),
          approverMessage(steppedUp(pending), { approver: 'bob@acme.test' as never, cardUrl: URL, asCard: false }),
          firstMessage(pending),
          newsMessage(final),
          reminderMessage(pending, reader),
          nudgeMessage(pending, reader),
          escalationMessage(pending, reader),
        ];
        const asked = questioned(pending, given.reason);
        messages.push(requestCard(asked), ...threadLines(asked).map((line) => line.message));
        for (const question of asked.questions ?? []) {
          messages.push(questionMessage(asked, question), answerMessage(asked, question, undefined));
        }
        messages.push(revisedMessage(narrowed(asked), { reader: 'voided', cardUrl: undefined }));
        for (const { text, blocks } of messages) {
          expect(actingParts(blocks as never, text)).toEqual([]);
          expect(text.length).toBeGreaterThan(0);
          expect(blocks.length).toBeLessThanOrEqual(limits.messageBlocks);
          withinLimits(blocks);
        }
        const views = [detailsView(final), detailsView(steppedUp(asked)), denyFormView(pending), sentView(pending)];
        views.push(lessFormView(asked), askFormView(asked), answerFormView(asked, first(asked.questions ?? [])));
        for (const view of views) {
          withinLimits(view.blocks);
          expect(actingParts(view.blocks as never)).toEqual([]);
          expect(view.blocks.length).toBeLessThanOrEqual(limits.viewBlocks);
        }
        const home = homeView({
          person: 'alice@acme.test' as never,
          at: pending.at,
          waiting: full({ drawn: pending }),
          active: full(pending),
          pending: full(pending),
          approved: full(pending),
        });
        expect(home.blocks.length).toBeLessThanOrEqual(limits.viewBlocks);
        withinLimits(home.blocks);
      }),
      { numRuns: 20 },
    );
  });

  test('the form to approve for less has a field for every ten scopes, up to its bound', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 20_000 }), (count, length) => {
        const scopes = scopeSet(Array.from({ length: count }, (_, index) => `${'x'.repeat(120)}:${index}` as Scope));
        const c = aPendingCase({ access: { ...aPendingCase().request.access, scopes }, duration: minutes(length) });
        const view = lessFormView({ case: c, at: { now: NOON, policy } });
        withinLimits(view.blocks);
        const fields = view.blocks.flatMap((block) => (block.block_id?.startsWith('scopes') ? [block.block_id] : []));
        expect(fields).toEqual(scopeFieldsOf(count));
      }),
    );
  });

  test('the request form keeps Slack’s sizes, whatever the policy names things', () => {
    fc.assert(
      fc.property(
        fc.array(nasty, { minLength: 1, maxLength: 120 }),
        fc.integer({ min: 1, max: 10_000 }),
        (names, length) => {
          const resources = names.map((name, index) =>
            aResource(
              `r${index}` as never,
              [aRole(`role-${index}` as never, ['x:y' as never], { maxDuration: minutes(length), description: name })],
              { name: oneLine(name), description: name },
            ),
          );
          const rules = resources.map((resource) => ({
            ...first(policy.rules),
            id: `rule-${resource.id}` as never,
            resource: resource.id,
            roles: resource.roles.map((role) => role.id),
          }));
          const wide = changed(policy, { resources, rules });
          const view = requestFormView({
            policy: wide,
            person: 'alice@acme.test' as never,
            chosen: { resource: 'r0', role: 'role-0' },
            recent: [aPendingCase(), aPendingCase(), aPendingCase()],
          });
          withinLimits(view.blocks);
          expect(view.blocks.length).toBeLessThanOrEqual(limits.viewBlocks);
        },
      ),
      { numRuns: 50 },
    );
  });
});

function first<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error('an empty list');
  return item;
}

/** Walks blocks and holds every text, option, button and value to its size. */
function withinLimits(part: unknown): void {
  if (Array.isArray(part)) {
    for (const one of part) withinLimits(one);
    return;
  }
  if (typeof part !== 'object' || part === null) return;
  const it = part as Record<string, unknown>;
  if (it.type === 'actions' && Array.isArray(it.elements)) {
    const ids = it.elements.map((one) => one.action_id);
    expect(ids).toEqual([...new Set(ids)]);
  }
  if (it.type === 'header') expect(textOf(it.text).length).toBeLessThanOrEqual(limits.header);
  if (it.type === 'button') {
    expect(textOf(it.text).length).toBeLessThanOrEqual(limits.buttonText);
    expect(String(it.value ?? '').length).toBeLessThanOrEqual(limits.buttonValue);
    expect(String(it.accessibility_label ?? '').length).toBeLessThanOrEqual(limits.accessibilityLabel);
    if (it.url === undefined)
      expect(String(it.accessibility_label ?? textOf(it.text)).startsWith(textOf(it.text))).toBe(true);
  }
  if (it.type === 'plain_text') {
    expect(String(it.text).length).toBeGreaterThan(0);
    expect(String(it.text).length).toBeLessThanOrEqual(limits.plainText);
    expect(it.emoji).toBe(false);
  }
  if (Array.isArray(it.options)) {
    expect(it.options.length).toBeGreaterThan(0);
    expect(it.options.length).toBeLessThanOrEqual(
      it.type === 'radio_buttons' || it.type === 'checkboxes' ? limits.radioOptions : limits.options,
    );
    for (const option of it.options as Record<string, unknown>[]) {
      expect(textOf(option.text).length).toBeLessThanOrEqual(limits.optionText);
      expect(String(option.value).length).toBeLessThanOrEqual(limits.optionValue);
      if (option.description !== undefined)
        expect(textOf(option.description).length).toBeLessThanOrEqual(limits.optionDescription);
    }
  }
  if (it.confirm !== undefined && typeof it.confirm === 'object' && it.confirm !== null) {
    const confirm = it.confirm as Record<string, unknown>;
    if (confirm.title !== undefined) expect(textOf(confirm.title).length).toBeLessThanOrEqual(limits.confirmTitle);
    if (typeof confirm.text === 'object') expect(textOf(confirm.text).length).toBeLessThanOrEqual(limits.confirmText);
  }
  expect(it.type).not.toBe('mrkdwn');
  for (const value of Object.values(it)) withinLimits(value);
}

function textOf(text: unknown): string {
  return typeof text === 'object' && text !== null && 'text' in text ? String(text.text) : '';
}
