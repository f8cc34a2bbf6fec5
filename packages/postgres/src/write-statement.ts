/** Owns the one statement that writes steps: as many rows of as many tables as they need, in one round trip. */
import { endsTokens, TELL } from './revocations/ending.ts';
import { type Statement, statement } from './statement.ts';
import { type JsonRow, written } from './tables.ts';

/** Woken by every write that leaves outbox rows. */
export const OUTBOX_CHANNEL = 'sallyport_outbox';

/** The rows to be written, by table and kind of change. */
export interface Rows {
  readonly requestsNew: JsonRow[];
  readonly requestsChanged: JsonRow[];
  readonly decisions: JsonRow[];
  readonly grantsNew: JsonRow[];
  readonly grantsChanged: JsonRow[];
  readonly revocations: JsonRow[];
  readonly audit: JsonRow[];
  readonly outbox: JsonRow[];
}

/** No rows yet. */
export function emptyRows(): Rows {
  return {
    requestsNew: [],
    requestsChanged: [],
    decisions: [],
    grantsNew: [],
    grantsChanged: [],
    revocations: [],
    audit: [],
    outbox: [],
  };
}

/** What of a row a step can change. */
const CHANGES = {
  requests:
    'version revision digest scopes duration_ms state closed_at closed_by close_reason closed_because mac_key mac'.split(
      ' ',
    ),
  grants: 'state ended_at ended_by ended_because mac_key mac'.split(' '),
} as const;

/** Of a row that changes only this travels. */
const CHANGED = ['id', ...new Set([...CHANGES.requests, ...CHANGES.grants])];

/** From what a row may be changed: a request from the version before, a grant while it is active. */
const GUARDS = { requests: 'r.version = x.version - 1', grants: `r.state = 'active'` } as const;

/** A part of the statement: its CTE. The rows are parameter `n`. */
type Part = (parameter: string) => string;

/**
 * One statement for all of it. A part without rows is left out altogether: a program needs rights only on the tables it
 * writes. The order of the audit rows is that of the list. Returns how many rows of requests and grants were changed.
 */
export function writeStatement(rows: Rows): Statement<{ changed: number }> {
  const parts: (readonly [readonly JsonRow[], string, Part])[] = [
    [rows.requestsNew, 'requests_new', inserting('requests')],
    [rows.requestsChanged, 'requests_changed', updating('requests')],
    [rows.decisions, 'decisions_new', inserting('decisions')],
    [rows.grantsNew, 'grants_new', inserting('grants')],
    [rows.grantsChanged, 'grants_changed', updating('grants')],
    // A token given back twice at once stays given back.
    [rows.revocations, 'revocations_new', inserting('token_revocations', 'on conflict (jti) do nothing')],
    [rows.audit, 'audit_new', inserting('audit')],
    [rows.outbox, 'outbox_new', inserting('outbox')],
  ];
  const present = parts.filter(([part]) => part.length > 0);
  const ctes = present.map(([, name, part], index) => `${name} as (${part(`$${index + 1}`)})`);
  const counts = present.flatMap(([, name]) => (name.endsWith('_changed') ? [`(select count(*) from ${name})`] : []));
  const told = rows.audit.some((row) => endsTokens(row.type)) ? `, ${TELL}` : '';
  return statement(
    `with ${ctes.join(',\n')}
     select (${counts.join(' + ') || '0'})::int as changed, pg_notify('${OUTBOX_CHANNEL}', '')${told}`,
    present.map(([part, name]) => JSON.stringify(part, name.endsWith('_changed') ? CHANGED : null)),
  );
}

function inserting(table: keyof typeof written, onConflict = ''): Part {
  const columns = written[table];
  return (parameter) =>
    `insert into ${table} (${columns})
     select ${columns} from json_populate_recordset(null::${table}, ${parameter}::json) ${onConflict}`;
}

function updating(table: 'requests' | 'grants'): Part {
  const sets = CHANGES[table].map((column) => `${column} = x.${column}`).join(', ');
  return (parameter) =>
    `update ${table} r set ${sets} from json_populate_recordset(null::${table}, ${parameter}::json) x
     where r.id = x.id and ${GUARDS[table]} returning 1`;
}
