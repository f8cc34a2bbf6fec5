/** What a Kubernetes API server says of a pod's service account: nearly everything in one nested claim. */
import { randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { type Framing, framed, type TokenAsk } from './framing.ts';

export interface KubernetesAsk extends TokenAsk {
  readonly namespace?: string;
  readonly serviceAccount?: Named;
  /** What the token dies with: a pod unless said; `null`: nothing. */
  readonly boundTo?: 'pod' | 'secret' | 'node' | null;
}

export interface Named {
  readonly name: string;
  readonly uid: string;
}

const DEPLOYER: Named = { name: 'deployer', uid: '14ee3fa4-a7e2-420f-9f9a-dbc4507c3798' };
const NODE: Named = { name: 'node-1', uid: '646e7c5e-32d6-4d42-9dbd-e504e6cbe6b1' };
const SECRET: Named = { name: 'deployer-token', uid: '2c4a9a2e-6c33-4c0f-8fd6-1d6f3c7f7c55' };

/** A projected token. `aud` is always a list here. A token bound to a pod names the pod's node, too. */
export function kubernetesClaims(ask: KubernetesAsk, framing: Framing): JWTPayload {
  const namespace = ask.namespace ?? 'payments';
  const serviceaccount = ask.serviceAccount ?? DEPLOYER;
  const own = {
    aud: [ask.audience],
    jti: randomUUID(),
    sub: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
    'kubernetes.io': { namespace, serviceaccount, ...binding(ask.boundTo === undefined ? 'pod' : ask.boundTo) },
  };
  return framed(ask, framing, { ttlSeconds: 3_600 }, own);
}

function binding(to: 'pod' | 'secret' | 'node' | null): Readonly<Record<string, Named>> {
  if (to === null) return {};
  if (to === 'pod') return { node: NODE, pod: { name: 'deploy-7d9c5', uid: '5e0bd49b-f040-43b0-99b7-22765a53f7f3' } };
  return to === 'node' ? { node: NODE } : { secret: SECRET };
}

/** A token from a secret of old clusters: flat claims, for ever, for everybody. */
export function oldKubernetesClaims({ issuer }: Framing): JWTPayload {
  return {
    iss: issuer,
    sub: 'system:serviceaccount:payments:deployer',
    'kubernetes.io/serviceaccount/namespace': 'payments',
    'kubernetes.io/serviceaccount/secret.name': SECRET.name,
    'kubernetes.io/serviceaccount/service-account.name': DEPLOYER.name,
    'kubernetes.io/serviceaccount/service-account.uid': DEPLOYER.uid,
  };
}
