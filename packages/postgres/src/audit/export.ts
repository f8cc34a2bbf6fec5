/** Owns the trail as JSON lines: each row's leaf exactly as stored, with its seal. */
import type { RequestId } from '@sallyport/core';
import { Client } from 'pg';
import type { Seal } from '../row-mac.ts';

/** One row of the trail as it was stored. */
export interface StoredLeaf {
  readonly bytes: Uint8Array;
  readonly seal: Seal;
}

export interface ExportOptions {
  readonly url: string;
  /** Only the rows of one request. */
  readonly request?: RequestId;
}

const HEADER_TYPE = 'audit.export';
const BATCH = 1_000;
const CONNECT_MS = 5_000;
const ANSWER_MS = 30_000;

/**
 * Streams the stored rows in the order they were inserted, from one snapshot: within a lane no row is seen without the one
 * before it. Holds a thousand rows at a time.
 */
export async function* storedLeaves({ url, request }: ExportOptions): AsyncGenerator<StoredLeaf> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    application_name: 'sallyport audit',
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    let after = '0';
    for (;;) {
      const { rows } = await client.query<{ id: string; leaf: Buffer; mac_key: string; mac: string }>({
        text: `select id, leaf, mac_key, mac from audit
          where id > $1 and ($2::text is null or request_id = $2) order by id limit ${BATCH}`,
        values: [after, request ?? null],
      });
      for (const row of rows) yield { bytes: row.leaf, seal: { key: row.mac_key, mac: row.mac } };
      const last = rows.at(-1);
      if (last === undefined || rows.length < BATCH) return;
      after = last.id;
    }
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The first line of an export. A filtered one has holes in its lanes, and says so. */
export function headerLine(request: RequestId | undefined): string {
  return JSON.stringify({ type: HEADER_TYPE, v: 1, request: request ?? null });
}

/** A row as one line: the leaf byte for byte, with `mac_key` and `mac` as two more members at its end. */
export function exportLine({ bytes, seal }: StoredLeaf): string {
  const leaf = Buffer.from(bytes).toString('utf8').slice(0, -1);
  return `${leaf},"mac_key":${JSON.stringify(seal.key)},"mac":${JSON.stringify(seal.mac)}}`;
}

/** Streams an export, line by line, without line ends. */
export async function* exportLines(options: ExportOptions): AsyncGenerator<string> {
  yield headerLine(options.request);
  for await (const leaf of storedLeaves(options)) yield exportLine(leaf);
}

const LINE = /^(\{.*),"mac_key":"([^"\\]{1,100})","mac":"([0-9a-f]{1,200})"\}$/s;

/** Reads a line of an export back into exactly the stored bytes; undefined when it is not one. */
export function readLine(line: string): StoredLeaf | undefined {
  const [, leaf, key, mac] = LINE.exec(line) ?? [];
  if (leaf === undefined || key === undefined || mac === undefined) return undefined;
  return { bytes: Buffer.from(`${leaf}}`, 'utf8'), seal: { key, mac } };
}

/** What the header line says, or undefined when it is none. */
export function readHeader(line: string): { readonly filtered: boolean } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== HEADER_TYPE)
      return undefined;
    return { filtered: 'request' in value && value.request !== null };
  } catch {
    return undefined;
  }
}
