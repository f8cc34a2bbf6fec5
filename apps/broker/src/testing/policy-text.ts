/** The example world as a policy file, for issuers at a given origin. */
import { generateKeyPairSync } from 'node:crypto';

export const ORDERS = 'https://orders-db.acme.test';
export const METRICS = 'https://metrics.acme.test';
export const CI_AUDIENCE = 'https://sallyport.acme.test';

/** The key of client `keyed`: made for each run. */
export const CLIENT_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const CLIENT_JWK = {
  ...CLIENT_KEY.publicKey.export({ format: 'jwk' }),
  kid: 'client-1',
  alg: 'ES256',
  use: 'sig',
};
const CLIENT_JWKS = { keys: [CLIENT_JWK] };

/** The YAML. */
export function policyText(origin: string, secretSha256: string): string {
  return `
version: 1
issuers:
  - { name: workforce, kind: workforce, issuer: "${origin}/workforce", audience: sallyport, algorithms: [ES256] }
  - { name: ci, kind: workload, issuer: "${origin}/ci", audience: "${CI_AUDIENCE}", algorithms: [RS256], max_token_age: 1h }
  - { name: reusable, kind: workload, issuer: "${origin}/other", audience: "${CI_AUDIENCE}", algorithms: [ES256], single_use: false }
clients:
  - { id: ci, auth: none, grant_types: [token-exchange, deferred] }
  - { id: other, auth: none, grant_types: [token-exchange, deferred] }
  - { id: exchange-only, auth: none, grant_types: [token-exchange] }
  - { id: psql, auth: none, grant_types: [device] }
  - { id: ci-runner, auth: client_secret_basic, secret_sha256: "${secretSha256}", grant_types: [token-exchange, deferred, device], introspect: [orders-db] }
  - { id: bound, auth: none, grant_types: [token-exchange, deferred], require_dpop: true }
  - { id: ciba-app, auth: client_secret_basic, secret_sha256: "${secretSha256}", grant_types: [token-exchange, ciba] }
  - { id: ciba-open, auth: none, grant_types: [ciba] }
  - { id: keyed, auth: private_key_jwt, grant_types: [token-exchange, deferred], introspect: [orders-db], jwks: ${JSON.stringify(CLIENT_JWKS)} }
people:
  - { id: alice@acme.test, name: Alice Ahn, groups: [payments], manager: bob@acme.test, subject: { issuer: workforce, sub: alice } }
  - { id: bob@acme.test, name: Bob Berg, groups: [managers], subject: { issuer: workforce, sub: bob } }
  - { id: carol@acme.test, name: Carol Cole, groups: [dba], subject: { issuer: workforce, sub: carol } }
  - { id: dan@acme.test, name: Dan Dorn, groups: [dba], subject: { issuer: workforce, sub: dan } }
  - { id: dave@acme.test, name: Dave Diaz, subject: { issuer: workforce, sub: dave } }
workloads:
  - { id: payments-deploy, issuer: ci, match: { repository_id: "123", repository_owner_id: "42", ref: refs/heads/main }, owners: [group:payments] }
  - { id: reports-nightly, issuer: ci, match: { repository_id: "456", repository_owner_id: "42", ref: refs/heads/main }, owners: [person:dave@acme.test] }
  - { id: long-runner, issuer: reusable, match: { repository_id: "789" }, owners: [group:payments] }
resources:
  - id: orders-db
    name: Orders database (production)
    audience: ${ORDERS}
    risk: high
    slack: { channel: C01APPROVALS }
    token: { ttl: 10m, dpop: optional }
    authorization_details:
      tables: { type: object, required: [tables], additionalProperties: false, properties: { tables: { type: array, items: { type: string } }, limit: { type: number } } }
      any: { type: object }
    roles:
      - { id: read, scopes: ["orders:read"], max_duration: 8h }
      - { id: admin, scopes: ["orders:read", "orders:write"], max_duration: 1h }
      - { id: once, scopes: ["orders:once"], max_duration: 1h, max_uses: 1 }
  - { id: metrics, name: Metrics, audience: ${METRICS}, risk: low, roles: [ { id: view, scopes: ["metrics:read"], max_duration: 12h } ] }
  - { id: vault, name: Vault, audience: "https://vault.acme.test", token: { dpop: required }, roles: [ { id: open, scopes: ["vault:open"], max_duration: 1h } ] }
login: { issuer: workforce, client_id: sallyport-web }
rules:
  - id: everything-with-two
    who: [group:payments, workload:payments-deploy, workload:long-runner]
    resource: orders-db
    roles: [read, admin, once]
    effect: require_approval
    approvals: [ { count: 1, from: [group:dba] }, { count: 1, from: [manager] } ]
    pending_ttl: 4h
    justification: { min_length: 10 }
  - { id: metrics-view, who: [workload:payments-deploy, group:dba], resource: metrics, roles: [view], effect: auto_approve }
  - { id: reports-view, who: [workload:reports-nightly], resource: metrics, roles: [view], effect: require_approval, approvals: [ { count: 1, from: [manager] } ] }
  - { id: vault-open, who: [workload:payments-deploy], resource: vault, roles: [open], effect: auto_approve }
`;
}
