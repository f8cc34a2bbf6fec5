/** `sallyport keys`: makes signing keys, shows them, and lets them come and go without a failed verification. */
import type { Command } from 'commander';
import type { Run } from '../define.ts';
import { generateCommand } from './keys-generate.ts';
import { listKeysCommand } from './keys-list.ts';
import { publishCommand } from './keys-publish.ts';
import { retireCommand } from './keys-retire.ts';
import { rotateCommand } from './keys-rotate.ts';
import { decryptCommand, encryptCommand } from './keys-wrap.ts';

/** Adds the commands. */
export function keysCommands(parent: Command, run: Run): void {
  const group = parent.command('keys').helpCommand(false).summary('make, rotate and keep signing keys');
  group.description(
    "The broker's signing keys: a private JWK set, named by SALLYPORT_SIGNING_KEYS. The first key of an algorithm signs, " +
      'the others are only published: the next one, and those that have signed. A running broker follows the file. ' +
      'With SALLYPORT_KEY_ENCRYPTION_KEY private halves are kept encrypted.',
  );
  generateCommand(group, run);
  listKeysCommand(group, run);
  rotateCommand(group, run);
  publishCommand(group, run);
  retireCommand(group, run);
  encryptCommand(group, run);
  decryptCommand(group, run);
}
