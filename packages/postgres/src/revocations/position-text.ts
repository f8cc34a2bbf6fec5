/** Owns the text of a position: short, opaque, base64url. What does not read back is no position. */
import type { Position } from './position.ts';

/** The first byte. Another build may write another form; it is then unknown here, and reading starts over. */
const FORM = 1;
const SEAL_BYTES = 8;
/** What readers of the feed take. */
const TEXT_LENGTH_MAX = 512;
/** More writers than any server of ours has. */
const OPEN_MAX = 250;
const LOW_BITS = 0x80;

/** Throws RangeError when so many transactions are open that it would grow too long: look again in a moment. */
export function spellPosition({ last, open, partly }: Position): string {
  const bytes = [FORM];
  if (last !== undefined) {
    bytes.push(...varint(last.xid), ...varint(last.id), ...varint(last.atSeconds), ...Buffer.from(last.seal, 'hex'));
    bytes.push(...varint(partly?.id ?? 0), ...(partly === undefined ? [] : varint(last.xid - partly.xid)));
    // Each as the distance to the one before, from the last row backwards: they lie close together.
    let from = last.xid;
    for (const xid of open.toReversed()) {
      bytes.push(...varint(from - xid));
      from = xid;
    }
  }
  const text = Buffer.from(bytes).toString('base64url');
  if (open.length > OPEN_MAX || text.length > TEXT_LENGTH_MAX) throw new RangeError('too many open transactions');
  return text;
}

/** Undefined: not a text of this form. Whether this database knows the position is for the database to say. */
export function readPosition(text: string): Position | undefined {
  if (text.length > TEXT_LENGTH_MAX) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text || bytes[0] !== FORM) return undefined;
  return bytes.length === 1 ? { open: [] } : readMarked(makeReader(bytes.subarray(1)));
}

function readMarked(reader: Reader): Position | undefined {
  const [xid, id, atSeconds] = [reader.varint(), reader.varint(), reader.varint()];
  const seal = reader.bytes(SEAL_BYTES);
  if (xid === undefined || id === undefined || atSeconds === undefined || seal === undefined) return undefined;
  const partly = readPartly(reader, xid);
  if (partly === undefined) return undefined;
  const open: number[] = [];
  for (let from = xid; reader.left() > 0; ) {
    const distance = reader.varint();
    if (distance === undefined || distance === 0 || distance > from || open.length === OPEN_MAX) return undefined;
    from -= distance;
    open.unshift(from);
  }
  return { last: { xid, id, atSeconds, seal: seal.toString('hex') }, open, ...partly };
}

/** Undefined: none such. Row 0 stands for none at all. */
function readPartly(reader: Reader, last: number): Pick<Position, 'partly'> | undefined {
  const id = reader.varint();
  if (id === 0) return {};
  const distance = reader.varint();
  if (id === undefined || distance === undefined || distance > last) return undefined;
  return { partly: { xid: last - distance, id } };
}

/** Seven bits to a byte, lowest first; the high bit says that more follow. */
function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= LOW_BITS; rest = Math.floor(rest / LOW_BITS)) bytes.push((rest % LOW_BITS) | LOW_BITS);
  return [...bytes, rest];
}

interface Reader {
  /** Undefined: cut off, too large, or not the shortest spelling. */
  varint(): number | undefined;
  bytes(count: number): Buffer | undefined;
  left(): number;
}

function makeReader(bytes: Buffer): Reader {
  let at = 0;
  return {
    left: () => bytes.length - at,
    bytes(count) {
      if (bytes.length - at < count) return undefined;
      at += count;
      return bytes.subarray(at - count, at);
    },
    varint() {
      let value = 0;
      for (let unit = 1; at < bytes.length; unit *= LOW_BITS) {
        const byte = bytes.readUInt8(at);
        at += 1;
        value += (byte % LOW_BITS) * unit;
        if (!Number.isSafeInteger(value)) return undefined;
        if (byte < LOW_BITS) return byte === 0 && unit > 1 ? undefined : value;
      }
      return undefined;
    },
  };
}
