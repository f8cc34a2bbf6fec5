/** The policy of a bench: many pipelines, one resource, one approver; written to a file as the programs read it. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';

export const AUDIENCE = 'https://orders-db.acme.test';
export const SCOPE = 'orders:read orders:write';
export const CLIENT = 'ci';
export const RESOURCE_CLIENT = 'orders-api';
export const RESOURCE_CLIENT_SECRET = 'orders-api-bench-secret';
export const RESOURCE = 'orders-db';
export const ROLE = 'admin';

/** The id of a pipeline, and the claim it is known by. */
export const jobId = (index: number): string => `job-${index}`;
export const repositoryId = (index: number): string => String(1_000 + index);

/** Writes the policy with so many pipelines. JSON is YAML too. */
export async function writePolicy(
  file: string,
  options: { readonly issuersOrigin: string; readonly issuer: string; readonly jobs: number },
): Promise<void> {
  const { issuersOrigin, issuer, jobs } = options;
  const policy = {
    version: 1,
    issuers: [
      {
        name: 'workforce',
        kind: 'workforce',
        issuer: `${issuersOrigin}/workforce`,
        audience: 'sallyport',
        algorithms: ['ES256'],
      },
      {
        name: 'ci',
        kind: 'workload',
        issuer: `${issuersOrigin}/ci`,
        audience: issuer,
        algorithms: ['ES256'],
        max_token_age: '4h',
      },
    ],
    clients: [
      { id: CLIENT, auth: 'none', grant_types: ['token-exchange', 'deferred'] },
      {
        id: RESOURCE_CLIENT,
        auth: 'client_secret_basic',
        secret_sha256: createHash('sha256').update(RESOURCE_CLIENT_SECRET).digest('hex'),
        introspect: [RESOURCE],
      },
    ],
    people: [
      { id: 'alice@acme.test', name: 'Alice Ahn', groups: ['owners'], subject: { issuer: 'workforce', sub: 'alice' } },
      { id: 'dan@acme.test', name: 'Dan Dorn', groups: ['dba'], subject: { issuer: 'workforce', sub: 'dan' } },
    ],
    workloads: Array.from({ length: jobs }, (_, index) => ({
      id: jobId(index),
      issuer: 'ci',
      match: { repository_id: repositoryId(index), repository_owner_id: '42', ref: 'refs/heads/main' },
      owners: ['group:owners'],
    })),
    resources: [
      {
        id: RESOURCE,
        name: 'Orders database',
        audience: AUDIENCE,
        risk: 'medium',
        token: { ttl: '10m' },
        roles: [{ id: ROLE, scopes: SCOPE.split(' '), max_duration: '8h' }],
      },
    ],
    rules: [
      {
        id: 'orders-admin',
        who: ['anyone'],
        resource: RESOURCE,
        roles: [ROLE],
        effect: 'require_approval',
        approvals: [{ count: 1, from: ['group:dba'] }],
        pending_ttl: '4h',
      },
    ],
  };
  await writeFile(file, JSON.stringify(policy));
}
