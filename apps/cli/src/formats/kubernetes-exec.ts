/** The answer of a kubectl credential plugin: ExecCredential of client.authentication.k8s.io/v1. */
import { expirySecondsOf } from './expiry.ts';

/** As JSON. kubectl asks again when the time is over; it never sends an expired token. */
export function kubernetesExec(token: string): string {
  const seconds = expirySecondsOf(token);
  const end =
    seconds === undefined ? {} : { expirationTimestamp: new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z') };
  return JSON.stringify({
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: { token, ...end },
  });
}
