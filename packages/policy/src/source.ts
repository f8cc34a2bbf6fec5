/** Reads one YAML or JSON text into plain values, and remembers where each value stood. */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { type Path, type PolicyIssue, pathText, type Severity } from './issue.ts';

export interface PolicySource {
  /** As it is shown in issues. */
  readonly file: string;
  readonly text: string;
}

/** A text as values. What could not be read is undefined or left out, and is among the issues. */
export interface ReadSource {
  readonly file: string;
  readonly value: unknown;
  readonly issues: readonly PolicyIssue[];
  /** An issue at this path, or at the nearest place above it that exists. */
  issueAt(severity: Severity, path: Path, message: string): PolicyIssue;
}

export const SOURCE_BYTES_MAX = 1_048_576;
const NODES_MAX = 100_000;
const DEPTH_MAX = 24;
const ALIASES_MAX = 200;
const TEXT_LENGTH_MAX = 10_000;
const KEY_LENGTH_MAX = 256;

/**
 * Reads a text. YAML 1.2 core schema, of which JSON is a part: no tags, no merge keys, no doubled members, nothing
 * that is not JSON, bounded in size, depth and aliases. Never throws.
 */
export function readSource({ file, text }: PolicySource): ReadSource {
  const lines = new LineCounter();
  const reader = makeReader(file, lines);
  if (Buffer.byteLength(text) > SOURCE_BYTES_MAX) {
    reader.report(0, [], `larger than ${SOURCE_BYTES_MAX} bytes`);
    return reader.result(undefined);
  }
  try {
    const document = parse(text, lines);
    for (const error of [...document.errors, ...document.warnings]) reader.report(error.pos[0], [], error.message);
    if (document.directives?.yaml.version !== '1.2') reader.report(0, [], 'only YAML 1.2');
    return reader.result(document.contents === null ? undefined : reader.read(document.contents, [], 0));
  } catch (thrown) {
    if (!(thrown instanceof BoundReached) && !(thrown instanceof RangeError)) throw thrown;
    reader.report(thrown instanceof BoundReached ? thrown.offset : 0, [], boundMessage(thrown));
    return reader.result(undefined);
  }
}

function parse(text: string, lineCounter: LineCounter): Document.Parsed {
  return parseDocument(text, {
    lineCounter,
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    // Doubled members are found below: the library compares every member with every other.
    uniqueKeys: false,
    stringKeys: true,
    prettyErrors: false,
    // Not silent: that would also hide a second document.
    logLevel: 'error',
  });
}

class BoundReached extends Error {
  readonly offset: number;
  constructor(offset: number, what: string) {
    super(what);
    this.offset = offset;
  }
}

/** Deep flow collections exhaust the library's own recursion before our cap sees them. */
function boundMessage(thrown: BoundReached | RangeError): string {
  return thrown instanceof BoundReached ? thrown.message : 'nested too deeply';
}

function makeReader(file: string, lines: LineCounter) {
  const issues: PolicyIssue[] = [];
  const offsets = new Map<string, number>();
  const anchors = new Map<string, Node>();
  let nodes = 0;
  let aliases = 0;

  function issueAtOffset(severity: Severity, offset: number, path: Path, message: string): PolicyIssue {
    const { line, col } = lines.linePos(offset);
    return { severity, file, line: Math.max(1, line), column: Math.max(1, col), path: pathText(path), message };
  }

  function report(offset: number, path: Path, message: string): void {
    issues.push(issueAtOffset('error', offset, path, message));
  }

  function read(node: Node, path: Path, depth: number): unknown {
    const offset = node.range?.[0] ?? 0;
    nodes += 1;
    if (nodes > NODES_MAX) throw new BoundReached(offset, `more than ${NODES_MAX} values`);
    if (depth > DEPTH_MAX) throw new BoundReached(offset, 'nested too deeply');
    if (!offsets.has(pathText(path))) offsets.set(pathText(path), offset);
    if (isAlias(node)) return readAlias(node.source, offset, path, depth);
    if (node.tag !== undefined) report(offset, path, `YAML tags are not used here: ${node.tag}`);
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isMap<Node, Node | null>(node)) return readMap(node.items, path, depth);
    if (isSeq<Node>(node)) return node.items.map((item, index) => read(item, [...path, index], depth + 1));
    return isScalar(node) ? readScalar(node.value, offset, path) : undefined;
  }

  function readAlias(anchor: string, offset: number, path: Path, depth: number): unknown {
    aliases += 1;
    if (aliases > ALIASES_MAX) throw new BoundReached(offset, `more than ${ALIASES_MAX} aliases`);
    const target = anchors.get(anchor);
    if (target !== undefined) return read(target, path, depth + 1);
    report(offset, path, `no anchor named ${anchor} above`);
    return undefined;
  }

  function readMap(items: readonly { key: Node; value: Node | null }[], path: Path, depth: number): unknown {
    const seen = new Map<string, unknown>();
    for (const { key, value } of items) {
      const offset = key.range?.[0] ?? 0;
      const name = isScalar(key) && typeof key.value === 'string' ? key.value : undefined;
      if (name === undefined || name.length > KEY_LENGTH_MAX || name === '__proto__' || !isStorable(name)) {
        report(offset, path, 'not usable as a member name');
      } else if (name === '<<') {
        report(offset, path, 'merge keys are not used here');
      } else if (seen.has(name)) {
        report(offset, [...path, name], 'the same member twice');
      } else {
        offsets.set(pathText([...path, name]), offset);
        seen.set(name, value === null ? null : read(value, [...path, name], depth + 1));
      }
    }
    return Object.fromEntries(seen);
  }

  function readScalar(value: unknown, offset: number, path: Path): unknown {
    if (typeof value === 'string' && (value.length > TEXT_LENGTH_MAX || !isStorable(value))) {
      report(offset, path, `a text of at most ${TEXT_LENGTH_MAX} characters, without NUL or broken Unicode`);
      return undefined;
    }
    if (typeof value === 'bigint' || (typeof value === 'number' && !isExact(value))) {
      report(offset, path, 'this number cannot be kept exactly: put it in quotes');
      return undefined;
    }
    return value;
  }

  return {
    report,
    read,
    result: (value: unknown): ReadSource => ({
      file,
      value,
      issues,
      issueAt(severity, path, message) {
        return issueAtOffset(severity, nearest(offsets, path), path, message);
      },
    }),
  };
}

function nearest(offsets: ReadonlyMap<string, number>, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const offset = offsets.get(pathText(path.slice(0, length)));
    if (offset !== undefined) return offset;
  }
  return 0;
}

/** Postgres keeps neither NUL nor lone surrogates. */
function isStorable(text: string): boolean {
  return !/[\0\p{Surrogate}]/u.test(text);
}

function isExact(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}
