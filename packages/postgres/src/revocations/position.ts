/**
 * Owns where a reader of the feed stands, so that nothing is lost and nothing comes twice. Rows are told in the order of their
 * transactions' numbers; a transaction may commit after ones with higher numbers, so those that were still open are remembered.
 */

/** What orders the rows: the number of its transaction, and its own within it. */
export interface RowKey {
  readonly xid: number;
  readonly id: number;
}

/** The row a position ends at. By its seal a database knows whether it has this row, or only another one in its place. */
export interface Mark extends RowKey {
  /** The first 16 hex characters of the row's MAC. */
  readonly seal: string;
  /** When it happened, in seconds since 1970. */
  readonly atSeconds: number;
}

export interface Position {
  /** The last row in order that was told; absent: none was. */
  readonly last?: Mark;
  /** Transactions before it, in order, whose rows are yet to be told, */
  readonly open: readonly number[];
  /** but of one of them those up to this one, where a page ended within it. */
  readonly partly?: RowKey;
}

/** Nothing was told. */
export const BEGINNING: Position = { open: [] };

/** Whether a row was told to who stands here. */
export function wasTold({ last, open, partly }: Position, row: RowKey): boolean {
  if (last === undefined || isAfter(row, last)) return false;
  return !open.includes(row.xid) || (partly?.xid === row.xid && row.id <= partly.id);
}

/**
 * Where a reader stands once a row was told, and of the rows before it all that could be seen.
 * @param openNow transactions that were open when the rows were read
 * @param isWhole whether it was the last row of its transaction
 */
export function stepOver(from: Position, row: Mark, openNow: readonly number[], isWhole: boolean): Position {
  const isLate = from.last !== undefined && !isAfter(row, from.last);
  const last = isLate ? from.last : row;
  const running = new Set(openNow);
  const isAhead = (xid: number): boolean => xid > row.xid || (xid === row.xid && isLate && !isWhole);
  const left = from.open.filter((xid) => running.has(xid) || isAhead(xid));
  const partly = isLate && !isWhole ? { xid: row.xid, id: row.id } : from.partly;
  return {
    last,
    open: inOrder([...left, ...openNow.filter((xid) => xid < last.xid)]),
    ...(partly !== undefined && isAhead(partly.xid) ? { partly } : {}),
  };
}

/** Where a reader stands when all that could be seen was told. */
export function settle({ last }: Position, openNow: readonly number[]): Position {
  return last === undefined ? BEGINNING : { last, open: inOrder(openNow.filter((xid) => xid < last.xid)) };
}

function isAfter(a: RowKey, b: RowKey): boolean {
  return a.xid > b.xid || (a.xid === b.xid && a.id > b.id);
}

function inOrder(xids: readonly number[]): readonly number[] {
  return [...new Set(xids)].sort((a, b) => a - b);
}
