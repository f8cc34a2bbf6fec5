/** Reads the key file; parses, and asks the key-encryption key, only when something about it changed. */
import { err, type Result } from '@sallyport/core';
import { errorCode } from '@sallyport/platform';
import {
  exposureOf,
  type KeySet,
  type KeyText,
  type KeyWrapping,
  parseKeyFile,
  parseKeySet,
  readKeyText,
} from '@sallyport/tokens';

export interface KeyReaderOptions {
  readonly path: string;
  readonly wrapping: KeyWrapping | undefined;
  readonly production: boolean;
}

type Read = Result<KeySet, readonly string[]>;

/** A read gives the keys, or what is wrong with them; it throws when the file, or who unwraps its keys, is away. */
export function makeKeyReader({ path, wrapping, production }: KeyReaderOptions): () => Promise<Read> {
  let last: (KeyText & { readonly read: Read }) | undefined;
  return async () => {
    const { text, mode } = await readKeyText(path);
    if (last?.text === text && last.mode === mode) return last.read;
    const file = parseKeyFile(text);
    const exposed = production && file.ok ? exposureOf(mode, file.value) : undefined;
    const read: Read = exposed === undefined ? await parseKeySet(text, wrapping) : err([exposed]);
    last = { text, mode, read };
    return read;
  };
}

/** Why a read threw, in a few words without a path. */
export function whyUnreadable(thrown: unknown): string {
  return `cannot be read (${errorCode(thrown) ?? 'unknown'})`;
}
