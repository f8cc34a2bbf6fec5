/** Owns how a command meets the broker: the settings, the client, and a word of warning when tokens would travel in the clear. */
import { type BrokerClient, makeBrokerClient } from './broker-client.ts';
import type { Shell } from './define.ts';
import type { Output } from './output.ts';
import { type BrokerAddress, brokerSettings } from './settings.ts';

/** Warns on stderr about an address that sends tokens unencrypted. */
export function warnInTheClear({ issuer, inTheClear }: BrokerAddress, out: Pick<Output, 'note'>): void {
  if (inTheClear) out.note(`warning: ${issuer} is not https: tokens cross the network unencrypted`);
}

/** The REST door for this caller. @throws ConfigProblems */
export function clientFor(shell: Shell): BrokerClient {
  const settings = brokerSettings(shell.env);
  warnInTheClear(settings, shell.out);
  return makeBrokerClient(settings, shell);
}
