/** Splits a stream into lines, each bounded, without their ends. */

/** A line of an audit export is a few kilobytes. */
const LINE_LENGTH_MAX = 1_048_576;

/** Yields the lines; one that is too long comes as its beginning, so that it is one bad line and not the end of memory. */
export async function* linesOf(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let rest = '';
  for await (const chunk of stream) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const parts = text.split('\n');
    for (const part of parts.slice(0, -1)) {
      yield withoutReturn(bounded(rest + part));
      rest = '';
    }
    rest = bounded(rest + (parts.at(-1) ?? ''));
  }
  rest += decoder.decode();
  if (rest !== '') yield withoutReturn(rest);
}

function bounded(line: string): string {
  return line.length > LINE_LENGTH_MAX ? line.slice(0, LINE_LENGTH_MAX) : line;
}

/** A file that went through Windows has `\r` before every end. */
function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
