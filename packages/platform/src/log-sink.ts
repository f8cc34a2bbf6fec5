/** Owns where log lines go: stdout, those of one turn of the event loop together, for every write wakes whoever reads. */
import { type DestinationStream, destination } from 'pino';

const BUFFERED_CHARACTERS_MAX = 16_384;

export interface LogSink extends DestinationStream {
  /** Writes what is there now: the line about a fault must be out before the process ends because of it. */
  flush(): void;
}

/** Opens the sink on a file descriptor, stdout unless said otherwise. Writes are synchronous; what is left is written at the end of the process. */
export function openLogSink(fd = 1): LogSink {
  // Lines are gathered here and not by the stream, whose own flush also waits for the disk.
  const stream = destination({ fd, sync: true });
  let lines = '';
  let planned: NodeJS.Immediate | undefined;
  const flush = (): void => {
    clearImmediate(planned);
    planned = undefined;
    const written = lines;
    lines = '';
    if (written !== '') stream.write(written);
  };
  process.on('exit', flush);
  return {
    flush,
    write: (line) => {
      lines += line;
      if (lines.length >= BUFFERED_CHARACTERS_MAX) flush();
      else planned ??= setImmediate(flush);
    },
  };
}
