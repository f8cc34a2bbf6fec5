/** Parses server-sent events (HTML Living Standard, section 9.2.6) from chunks of text, however they are cut. */

export interface StreamEvent {
  /** The last `id` so far; empty when there was none. */
  readonly id: string;
  /** `message` when not named. */
  readonly name: string;
  readonly data: string;
}

export interface EventStreamParser {
  /** The events a further chunk completes, in order. @throws RangeError when a line or an event grows too long */
  push(chunk: string): readonly StreamEvent[];
}

const LENGTH_MAX = 64 * 1_024;

export function makeEventStreamParser(): EventStreamParser {
  let rest = '';
  let isFirst = true;
  let id = '';
  let name = '';
  let data: string[] = [];
  let length = 0;

  return {
    push(chunk) {
      rest += isFirst ? chunk.replace(/^\uFEFF/, '') : chunk;
      isFirst &&= chunk === '';
      // A line break of two characters may be cut in half: its first half alone ends no line yet.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      bounded(rest.length);
      return lines.flatMap(readLine);
    },
  };

  function readLine(line: string): readonly StreamEvent[] {
    if (line === '') return dispatch();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    length += line.length + 1;
    bounded(length);
    if (field === 'data') data.push(value);
    else if (field === 'event') name = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
    return [];
  }

  function dispatch(): readonly StreamEvent[] {
    const event = { id, name: name || 'message', data: data.join('\n') };
    const isEmpty = data.length === 0;
    name = '';
    data = [];
    length = 0;
    return isEmpty ? [] : [event];
  }
}

function bounded(length: number): void {
  if (length > LENGTH_MAX) throw new RangeError('an event of the stream is too long');
}
