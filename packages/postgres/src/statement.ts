/** Owns how a statement is written down: typed by Kysely where it is plain, by hand where it locks or is conditional. */
import {
  type Compilable,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import type { Tables } from './tables.ts';

/** One statement on its way to the server; `Row` is what it answers. */
export interface Statement<Row> {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Prepared on the connection under this name: for what runs all day. */
  readonly name?: string;
  /** Only carries the type. */
  readonly row?: Row;
}

/** The typed builder. It builds only: every statement runs on a connection of the pool, inside `transaction` or `single`. */
export const build: Kysely<Tables> = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** What the builder built, as a statement. */
export function built<Row>(query: Compilable<Row>): Statement<Row> {
  const { sql, parameters } = query.compile();
  return { text: sql, values: parameters };
}

/** A statement written by hand. */
export function statement<Row>(text: string, values: readonly unknown[] = [], name?: string): Statement<Row> {
  return { text, values, ...(name === undefined ? {} : { name }) };
}

/** An instant as a parameter: RFC 3339, milliseconds, UTC. */
export function timeText(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
