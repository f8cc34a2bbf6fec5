/** The credential of a Kubernetes pod: a projected service account token. The kubelet renews the file, so it is read each time. */
import { join } from 'node:path';
import { ok } from '@sallyport/core';
import type { Place } from './credential.ts';
import { isFile, tokenInFile } from './token-file.ts';

/** Where the pod's volume has to be mounted to be found by itself. */
export const KUBERNETES_TOKEN = '/var/run/secrets/tokens/sallyport';

export const kubernetes: Place = async ({ root }) => {
  const path = join(root, KUBERNETES_TOKEN);
  return (await isFile(path))
    ? ok({ source: `Kubernetes (${KUBERNETES_TOKEN})`, token: () => tokenInFile(path) })
    : undefined;
};
