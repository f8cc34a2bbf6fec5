/** `sallyport keys encrypt` and `decrypt`: how the private halves lie at rest. */
import { err, ok, type Result } from '@sallyport/core';
import { ConfigProblems, keyEncryptionKey, parseEnv } from '@sallyport/platform';
import type { Changed, KeyFile, KeyWrapping } from '@sallyport/tokens';
import type { Command } from 'commander';
import { z } from 'zod';
import { define, type Run } from '../define.ts';
import { EXIT } from '../exit-codes.ts';
import { required } from '../fields.ts';
import { act, changeFields, changeOptions } from '../keys/at-hand.ts';
import type { Trouble } from '../trouble.ts';

const oldKey = z.object({ OLD_KEY: keyEncryptionKey() });

/** Adds the command. */
export function encryptCommand(group: Command, run: Run): void {
  define(group, run, {
    usage: 'encrypt',
    summary: 'encrypt the private halves under SALLYPORT_KEY_ENCRYPTION_KEY',
    description:
      'Each becomes a JWE (A256GCMKW, A256GCM). Halves that are encrypted under it already stay as they are. To change ' +
      'the key-encryption key, set the new one and name a file with the old one: --old-key. Running brokers that have ' +
      'the other key keep the signing keys they hold, and say so; start them again with the right one.',
    options: [...changeOptions, ['--old-key <file>', 'a file with the key-encryption key they are under now']],
    examples: ['sallyport keys encrypt', 'sallyport keys encrypt --old-key old-kek'],
    given: z.object({ ...changeFields, oldKey: required(4_096).optional() }),
    act: (given, shell) =>
      act(given, shell, ({ wrapping }) => async (file) => {
        const to = present(wrapping);
        const from = given.oldKey === undefined ? [] : [await wrappingIn(given.oldKey)];
        return reclosed(file, 'encrypted', from, to);
      }),
  });
}

/** Adds the command. */
export function decryptCommand(group: Command, run: Run): void {
  define(group, run, {
    usage: 'decrypt',
    summary: 'write the private halves in the clear again',
    description: 'Needs SALLYPORT_KEY_ENCRYPTION_KEY. The file stays readable by its owner (and its group) only.',
    options: changeOptions,
    examples: ['sallyport keys decrypt'],
    given: z.object(changeFields),
    act: (given, shell) =>
      act(
        given,
        shell,
        ({ wrapping }) =>
          async (file) =>
            reclosed(file, 'decrypted', [present(wrapping)], undefined),
      ),
  });
}

function present(wrapping: KeyWrapping | undefined): KeyWrapping {
  if (wrapping !== undefined) return wrapping;
  const problem = 'is missing: set it to 32 random bytes; make them with: openssl rand -hex 32';
  throw new ConfigProblems([{ name: 'SALLYPORT_KEY_ENCRYPTION_KEY', problem }]);
}

async function wrappingIn(file: string): Promise<KeyWrapping> {
  const { makeKeyWrapping } = await import('@sallyport/tokens');
  return makeKeyWrapping(parseEnv(oldKey, { OLD_KEY_FILE: file }).OLD_KEY.reveal());
}

async function reclosed(
  file: KeyFile,
  did: 'encrypted' | 'decrypted',
  from: readonly KeyWrapping[],
  to: KeyWrapping | undefined,
): Promise<Result<Changed, Trouble>> {
  const { recloseHalves } = await import('@sallyport/tokens');
  const closed = await recloseHalves(file, from, to);
  if (!closed.ok) {
    const next = 'If they are under another key, name a file with it: keys encrypt --old-key FILE';
    return err({ exit: EXIT.configuration, code: 'keys_unfit', message: closed.error.join('; '), next });
  }
  const { kids } = closed.value;
  const steps = file.keys.filter((key) => kids.includes(key.kid)).map(({ kid, alg }) => ({ did, kid, alg }));
  return ok({ file: closed.value.file, steps });
}
