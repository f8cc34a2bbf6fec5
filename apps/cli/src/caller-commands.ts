/** Owns the list of commands for whoever talks to a broker or writes a policy: all that one file can hold, as no store is behind it. */
import { decisionCommands } from './commands/decide.ts';
import { listCommand } from './commands/list.ts';
import { policyCommands } from './commands/policy.ts';
import { requestCommand } from './commands/request.ts';
import { revokeCommand } from './commands/revoke.ts';
import { tokenCommand } from './commands/token.ts';
import type { AddCommands } from './program.ts';

export const callerCommands: readonly AddCommands[] = [
  requestCommand,
  decisionCommands,
  revokeCommand,
  listCommand,
  tokenCommand,
  policyCommands,
];
