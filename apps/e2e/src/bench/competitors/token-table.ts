/** The one table of a competitor: a row per token, durable before the answer; prepared statements, one pool. */
import { Pool } from 'pg';

const CREATE =
  'create table if not exists tokens (jti text primary key, payload jsonb not null, expires_at timestamptz not null)';
const INSERT = 'insert into tokens (jti, payload, expires_at) values ($1, $2, to_timestamp($3))';
const FIND = 'select payload from tokens where jti = $1 and expires_at > clock_timestamp()';

export interface TokenTable {
  put(jti: string, payload: object, expiresAtSeconds: number): Promise<void>;
  find(jti: string): Promise<Readonly<Record<string, unknown>> | undefined>;
}

/** Opens the table, making it if need be. */
export async function openTokenTable(databaseUrl: string, connectionsMax: number): Promise<TokenTable> {
  const pool = new Pool({ connectionString: databaseUrl, max: connectionsMax });
  pool.on('error', () => undefined);
  await pool.query(CREATE);
  return {
    put: async (jti, payload, expiresAtSeconds) => {
      await pool.query({ name: 'put', text: INSERT, values: [jti, payload, expiresAtSeconds] });
    },
    find: async (jti) => {
      const { rows } = await pool.query<{ payload: Record<string, unknown> }>({
        name: 'find',
        text: FIND,
        values: [jti],
      });
      return rows[0]?.payload;
    },
  };
}
