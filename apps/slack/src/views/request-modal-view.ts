/** Owns the request form: only what this person may ask for, and what would come of it by the evaluation that will decide. */

import {
  type AccessCase,
  approversOf,
  type Duration,
  formatDuration,
  hours,
  type Instant,
  impossible,
  minutes,
  nameOf,
  type PersonId,
  type Policy,
  type Principal,
  type Resource,
  type Role,
  samePrincipal,
  type Verdict,
} from '@sallyport/core';
import { ACTIONS, FIELDS, openedFor, requestValue, VIEWS } from '../action-ids.ts';
import { longest, outlook, type Requestable, requestables, rolesFor, subjectsOf } from '../requestable.ts';
import { lineText } from './approvals.ts';
import {
  type Block,
  type Button,
  button,
  buttonRow,
  context,
  type ModalView,
  option,
  type PlainOption,
  plain,
  richSection,
} from './blocks.ts';
import { TITLES } from './form-words.ts';
import { limits, shown, typed } from './limits.ts';
import { lengthText, listText, principalName, RISK_TEXT, what } from './names.ts';
import { noteView } from './note-view.ts';
import { SAY } from './sentences.ts';
import { cut, oneLine, visible } from './text.ts';

/** What is chosen so far; anything may be missing, and anything may be what this person cannot have. */
export interface Chosen {
  readonly resource?: string;
  readonly role?: string;
  readonly subject?: string;
  readonly duration?: Duration;
  readonly justification?: string;
  readonly ticket?: string;
  readonly starts?: Instant;
}

export interface RequestFormInput {
  readonly policy: Policy;
  readonly person: PersonId;
  readonly chosen: Chosen;
  /** What they asked for lately: offered to be filled in again. */
  readonly recent?: readonly AccessCase[];
}

/** Offered lengths; the role's maximum and the one from the command are added. */
const LENGTHS: readonly Duration[] = [minutes(15), minutes(30), hours(1), hours(2), hours(4), hours(8)];
export const ME = 'me';

/** The form. Block ids stay through updates, so that what was typed stays too. */
export function requestFormView({ policy, person: id, chosen, recent = [] }: RequestFormInput): ModalView {
  const all = requestables(policy, id);
  if (all.length === 0) return noteView(SAY.nothingToRequest);
  const form = settle(policy, id, all, chosen);
  return {
    type: 'modal',
    callback_id: VIEWS.request,
    private_metadata: openedFor(id),
    title: plain(TITLES.request, limits.viewTitle),
    submit: plain('Send request', limits.viewTitle),
    close: plain('Cancel', limits.viewTitle),
    blocks: [
      ...recentBlocks(policy, recent),
      resourceBlock(form),
      roleBlock(form),
      ...meaningBlocks(form),
      ...subjectBlocks(form),
      ...outlookBlocks(policy, id, form),
      durationBlock(form),
      justificationBlock(chosen),
      ticketBlock(chosen),
      startsBlock(chosen),
    ],
  };
}

/** The choices that hold, of those that were made. */
interface Form {
  readonly resource?: Resource;
  readonly roles: readonly Role[];
  readonly role?: Role;
  readonly subjects: readonly Principal[];
  readonly subject?: Principal;
  readonly lengths: readonly Duration[];
  readonly length?: Duration;
}

function settle(policy: Policy, id: PersonId, all: readonly Requestable[], chosen: Chosen): Form {
  const subjects = subjectsOf(policy, id);
  const target = all.find((one) => one.resource.id === chosen.resource);
  const wanted = subjects.find((subject) => optionOf(subject, id) === chosen.subject);
  const resource = target?.resource;
  const subject =
    wanted ??
    (resource === undefined ? subjects[0] : subjects.find((one) => rolesFor(policy, [one], resource).length > 0));
  const own = resource === undefined || subject === undefined ? [] : rolesFor(policy, [subject], resource);
  const roles = own.length > 0 ? own : distinct((target === undefined ? all : [target]).flatMap((one) => one.roles));
  const role =
    roles.find((one) => one.id === chosen.role) ?? (target !== undefined && roles.length === 1 ? roles[0] : undefined);
  const lengths = lengthsFor(role?.maxDuration ?? longest(roles) ?? hours(8), chosen.duration);
  return {
    roles,
    subjects,
    lengths,
    ...(resource === undefined ? {} : { resource }),
    ...(role === undefined ? {} : { role }),
    ...(subject === undefined ? {} : { subject }),
    ...(chosen.duration === undefined ? {} : { length: chosen.duration }),
  };
}

/** Several resources may have a role of one name: it is offered once, with the longest time. */
function distinct(roles: readonly Role[]): readonly Role[] {
  return roles
    .filter((role, index) => roles.findIndex((other) => other.id === role.id) === index)
    .slice(0, limits.options);
}

/** Lengths to choose from: the standard ones up to the maximum, the maximum itself, and the one asked for (a longer one is refused on sending). */
export function lengthsFor(max: Duration, asked: Duration | undefined): readonly Duration[] {
  const within = LENGTHS.filter((length) => length <= max);
  const extra = [...(max < hours(8) || within.length === 0 ? [max] : []), ...(asked === undefined ? [] : [asked])];
  return [...new Set([...within, ...extra])].toSorted((a, b) => a - b).slice(0, limits.radioOptions);
}

function resourceBlock({ resource }: Form): Block {
  return {
    type: 'input',
    block_id: FIELDS.resource,
    dispatch_action: true,
    label: plain('Resource'),
    element: {
      type: 'external_select',
      action_id: FIELDS.resource,
      min_query_length: 0,
      placeholder: plain('What do you need access to?', limits.optionValue),
      ...(resource === undefined ? {} : { initial_option: resourceOption(resource) }),
    },
  };
}

/** One line of the resource list. */
export function resourceOption(resource: Resource): PlainOption {
  const risk = RISK_TEXT[resource.risk];
  const about = resource.description === undefined ? risk : `${risk}. ${oneLine(resource.description)}`;
  return option(resource.id, resource.name, about);
}

function roleBlock({ roles, role, resource }: Form): Block {
  return {
    type: 'input',
    block_id: FIELDS.role,
    dispatch_action: true,
    label: plain('Role'),
    ...(resource === undefined ? { hint: plain('Choose the resource first: its roles are listed here then.') } : {}),
    element: {
      type: 'static_select',
      action_id: FIELDS.role,
      placeholder: plain('Which role?', limits.optionValue),
      options: roles.slice(0, limits.options).map(roleOption),
      ...(role === undefined ? {} : { initial_option: roleOption(role) }),
    },
  };
}

function roleOption(role: Role): PlainOption {
  const means = role.description === undefined ? role.scopes.join(' ') : oneLine(role.description).replace(/\.$/, '');
  const most = `, at most ${lengthText(role.maxDuration)}`;
  return option(role.id, role.id, `${cut(means, limits.optionDescription - most.length)}${most}`);
}

/** What the chosen role gives, in the policy's words where it has some, and its scopes. */
function meaningBlocks({ resource, role }: Form): readonly Block[] {
  if (resource === undefined || role === undefined) return [];
  const means = role.description === undefined ? '' : `${oneLine(role.description)} `;
  return [context(cut(`${means}Scopes: ${role.scopes.join(', ')}.`, shown.quote))];
}

/** "Again: read on Orders database (production), 15 minutes", a button each. */
function recentBlocks(policy: Policy, recent: readonly AccessCase[]): readonly Block[] {
  if (recent.length === 0) return [];
  return [
    context('Asked for lately. Press to fill it in again:'),
    // A row each: within a row Slack takes an action id once.
    ...recent.flatMap((c) => buttonRow([recentButton(policy, c)])),
  ];
}

function recentButton(policy: Policy, { request }: AccessCase): Button {
  const { id, revision, access, duration, subject } = request;
  const whom = subject.kind === 'workload' ? ` for ${principalName(policy, subject)}` : '';
  return button({
    id: ACTIONS.again,
    text: `${what(policy, access)}${whom}, ${lengthText(duration)}`,
    value: requestValue(id, revision),
    about: 'again',
  });
}

function subjectBlocks({ subjects, subject }: Form): readonly Block[] {
  const me = subjects[0];
  if (me === undefined || subjects.length === 1) return [];
  const options = subjects.slice(0, limits.options).map((one) => subjectOption(one, me));
  const initial = options.find((one) => subject !== undefined && one.value === subjectOption(subject, me).value);
  return [
    {
      type: 'input',
      block_id: FIELDS.subject,
      dispatch_action: true,
      label: plain('For'),
      element: {
        type: 'static_select',
        action_id: FIELDS.subject,
        options,
        ...(initial === undefined ? {} : { initial_option: initial }),
      },
    },
  ];
}

function subjectOption(subject: Principal, me: Principal): PlainOption {
  return samePrincipal(subject, me) ? option(ME, 'Me') : option(nameOf(subject), subject.id, 'A workload you own');
}

function optionOf(subject: Principal, id: PersonId): string {
  return subject.kind === 'person' && subject.id === id ? ME : nameOf(subject);
}

/** For how long: one of these. */
export function durationBlock({ lengths, length }: Pick<Form, 'lengths' | 'length'>): Block {
  const options = lengths.map(lengthOption);
  const initial = options.find((one) => length !== undefined && one.value === formatDuration(length)) ?? options[0];
  return {
    type: 'input',
    block_id: FIELDS.duration,
    label: plain('For how long'),
    element: {
      type: 'radio_buttons',
      action_id: FIELDS.duration,
      options,
      ...(initial === undefined ? {} : { initial_option: initial }),
    },
  };
}

function lengthOption(length: Duration): PlainOption {
  return option(formatDuration(length), lengthText(length));
}

function startsBlock({ starts }: Chosen): Block {
  return {
    type: 'input',
    block_id: FIELDS.starts,
    optional: true,
    label: plain('Start later'),
    hint: plain('In your time zone, at most 30 days ahead. Empty: it starts with the approval.'),
    element: {
      type: 'datetimepicker',
      action_id: FIELDS.starts,
      ...(starts === undefined ? {} : { initial_date_time: Math.floor(starts / 1_000) }),
    },
  };
}

/** Why, with what is there already. */
export function justificationBlock({ justification }: Pick<Chosen, 'justification'>): Block {
  return {
    type: 'input',
    block_id: FIELDS.justification,
    label: plain('Why'),
    hint: plain("Shown to approvers and kept in the audit trail. Don't paste secrets."),
    element: {
      type: 'plain_text_input',
      action_id: FIELDS.justification,
      multiline: true,
      max_length: typed.justification,
      ...filledIn(justification, typed.justification),
    },
  };
}

function ticketBlock({ ticket }: Chosen): Block {
  return {
    type: 'input',
    block_id: FIELDS.ticket,
    optional: true,
    label: plain('Ticket'),
    element: {
      type: 'plain_text_input',
      action_id: FIELDS.ticket,
      max_length: typed.ticket,
      ...filledIn(ticket, typed.ticket),
    },
  };
}

/** What a text field begins with: whoever sends it on must see all of it. Nothing for a text of which nothing is to be seen. */
function filledIn(text: string | undefined, lengthMax: number): { readonly initial_value?: string } {
  const initial = cut(visible(text ?? ''), lengthMax, '');
  return initial === '' ? {} : { initial_value: initial };
}

/** What will come of it: "Needs 2 approvals: …", "Approved at once by rule …", "Nobody can approve this." */
function outlookBlocks(policy: Policy, id: PersonId, { resource, role, subject }: Form): readonly Block[] {
  if (resource === undefined || role === undefined || subject === undefined) return [];
  const text = outlookText(policy, id, subject, outlook(policy, id, { resource, role, subject }));
  return [richSection([{ type: 'text', text }])];
}

/** The line under the form. */
export function outlookText(policy: Policy, requester: PersonId, subject: Principal, verdict: Verdict): string {
  switch (verdict.kind) {
    case 'needs_approval': {
      const { approvals } = verdict.rule;
      const places = approvals.reduce((sum, line) => sum + line.count, 0);
      const asking = { subject, requester: { kind: 'person', id: requester } } as const;
      const lines = listText(approvals.map((line) => lineText(policy, asking, line, line.count)));
      const people = approversOf(policy, asking, approvals).length;
      const answer = people === 1 ? '1 person can answer' : `${people} people can answer`;
      return `Needs ${places} approval${places === 1 ? '' : 's'}: ${lines}. ${answer}.`;
    }
    case 'auto_approved':
      return `Approved at once by rule ${verdict.rule.id}.`;
    case 'nobody_can_approve':
      return 'Nobody can approve this, so it cannot be sent. Ask your admin who should decide on it.';
    case 'forbidden':
      return 'No rule allows this, so it cannot be sent.';
    default:
      return impossible(verdict);
  }
}
