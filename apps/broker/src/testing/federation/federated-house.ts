/** A broker with the policy of infra/policies/federation-example, and tokens of it for every target there. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type BrokerHouse, startBrokerHouse } from '../broker-house.ts';
import { type Callers, callersOf, REASON, TT } from '../callers.ts';
import type { Published } from './published.ts';

const POLICY = new URL('../../../../../infra/policies/federation-example/federation.yaml', import.meta.url);

/** What is asked for; the resource's id is the policy's. */
export interface Target {
  readonly resource: string;
  readonly role: string;
  readonly audience: string;
  readonly scope: string;
}

/** Of the policy, one for each recipe. */
export const TARGETS = {
  aws: {
    resource: 'aws-orders-deploy',
    role: 'assume',
    audience: 'https://aws.acme.test/orders-deploy',
    scope: 'aws:orders-deploy',
  },
  google: {
    resource: 'gcp-orders-reports',
    role: 'read',
    audience: 'https://gcp.acme.test/orders-reports',
    scope: 'gcp:orders-reports',
  },
  vault: { resource: 'vault-orders', role: 'read', audience: 'https://vault.acme.test', scope: 'vault:orders:read' },
  vaultRotate: {
    resource: 'vault-orders',
    role: 'rotate',
    audience: 'https://vault.acme.test',
    scope: 'vault:orders:rotate',
  },
  kubernetes: { resource: 'k8s-prod', role: 'operate', audience: 'https://k8s.acme.test', scope: 'k8s:operate' },
  postgresql: {
    resource: 'pg-orders',
    role: 'write',
    audience: 'https://pg-orders.acme.test',
    scope: 'pg:orders:write',
  },
} as const satisfies Record<string, Target>;

export interface FederatedHouse {
  readonly house: BrokerHouse;
  readonly call: Callers;
  /** What anybody can fetch. */
  published(): Promise<Published>;
  /** Alice asks for the pipeline, everybody approves, the pipeline exchanges. */
  federated(target: Target): Promise<string>;
  /** The same as an access token. */
  access(target: Target): Promise<string>;
  close(): Promise<void>;
}

const jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** Starts it. Its issuer is https://sallyport.acme.test, as in the recipes. */
export async function startFederatedHouse(): Promise<FederatedHouse> {
  const house = await startBrokerHouse();
  const { origin } = house.issuers;
  house.putPolicy(
    readFileSync(POLICY, 'utf8')
      .replace('https://token.actions.githubusercontent.com', `${origin}/ci`)
      .replace('"https://login.acme.test"', `"${origin}/workforce"`),
  );
  const call = callersOf(house);
  const json = async (url: string): Promise<unknown> => (await house.app.inject({ method: 'GET', url })).json();
  const approved = new Set<string>();

  async function approve({ resource, role }: Target): Promise<void> {
    if (approved.has(resource + role)) return;
    const asked = await call.ask('alice', {
      resource,
      role,
      subject: { workload: 'payments-deploy' },
      justification: REASON,
    });
    for (const who of ['bob', 'dan']) await call.decide(who, asked.body.id);
    approved.add(resource + role);
  }

  async function exchange(target: Target, type: string): Promise<string> {
    await approve(target);
    const { audience, scope } = target;
    const answer = await call.tx({ audience, scope, requested_token_type: TT(type) });
    if (answer.status !== 200) throw new Error(answer.text);
    return String(answer.body.access_token);
  }

  return {
    house,
    call,
    published: async () => ({
      discovery: z.record(z.string(), z.unknown()).parse(await json('/.well-known/openid-configuration')),
      jwks: jwks.parse(await json('/oauth/jwks')),
    }),
    federated: (target) => exchange(target, 'jwt'),
    access: (target) => exchange(target, 'access_token'),
    close: () => house.close(),
  };
}
