/** Owns how a command meets the broker: the settings, the client, and a word of warning when tokens would travel in the clear. */
import { type BrokerClient, makeBrokerClient } from './broker-client.ts';
import type { Shell } from './define.ts';
import { type BrokerSettings, brokerSettings } from './settings.ts';

/** The broker's settings; warns on stderr about an address that sends tokens unencrypted. @throws ConfigProblems */
export function brokerFor({ env, out }: Shell): BrokerSettings {
  const settings = brokerSettings(env);
  if (settings.inTheClear) out.note(`warning: ${settings.issuer} is not https: tokens cross the network unencrypted`);
  return settings;
}

/** The REST door for this caller. @throws ConfigProblems */
export function clientFor(shell: Shell): BrokerClient {
  return makeBrokerClient(brokerFor(shell), shell);
}
