/** The contract's own example, with the people it names and a real hash, for tests. */
import { type CompiledPolicy, type CompileOptions, compilePolicy } from '../compile.ts';
import type { PolicyIssue } from '../issue.ts';

export const SECRET_SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

export const EXAMPLE = `version: 1
issuers:
  - { name: github, kind: workload, issuer: "https://token.actions.githubusercontent.com", audience: "https://sallyport.acme.test", algorithms: [RS256], max_token_age: 1h }
  - { name: workforce, kind: workforce, issuer: "https://login.acme.test", audience: sallyport, algorithms: [ES256, RS256] }   # jwks_uri optional, else discovery
clients:
  - { id: ci, auth: none, grant_types: [token-exchange, deferred, ciba] }
  - { id: orders-api, auth: client_secret_basic, secret_sha256: "${SECRET_SHA256}", introspect: [orders-db] }
  - { id: deployer, auth: private_key_jwt, grant_types: [token-exchange], jwks: { keys: [] }, require_dpop: true }
people:
  - { id: alice@acme.test, name: Alice Ahn, groups: [payments], manager: bob@acme.test, subject: { issuer: workforce, sub: "alice" }, slack: { team: T01TEST, user: U01ALICE } }
  - { id: bob@acme.test, name: Bob Baker, groups: [leads], subject: { issuer: workforce, sub: "bob" }, slack: { team: T01TEST, user: U01BOB } }
  - { id: dan@acme.test, name: Dan Dorn, groups: [dba], subject: { issuer: workforce, sub: "dan" }, slack: { team: T01TEST, user: U01DAN } }
workloads:
  - { id: payments-deploy, issuer: github, match: { repository_id: "123", repository_owner_id: "42", ref: refs/heads/main }, owners: [ group:payments ] }
resources:
  - id: orders-db
    name: Orders database (production)
    audience: https://orders-db.acme.test
    risk: high                      # low | medium | high
    slack: { channel: C01APPROVALS }
    token: { ttl: 10m, dpop: optional }
    roles:
      - { id: read,  scopes: ["orders:read"],                 max_duration: 8h }
      - { id: admin, scopes: ["orders:read", "orders:write"], max_duration: 1h }
rules:                              # in order; the first that matches decides
  - { id: payments-read, who: [group:payments], resource: orders-db, roles: [read], effect: auto_approve }
  - id: payments-admin
    who: [group:payments, workload:payments-deploy]
    resource: orders-db
    roles: [admin]
    effect: require_approval
    approvals:                      # every line must be met, by distinct people
      - { count: 1, from: [group:dba] }
      - { count: 1, from: [manager] }
    pending_ttl: 4h
    justification: { min_length: 10 }
`;

/** Compiles one text as `policy.yaml`. */
export function compileText(text: string, options: CompileOptions = { allowHttpIssuers: false }) {
  return compilePolicy([{ file: 'policy.yaml', text }], options);
}

/** The compiled text. Throws with the issues when it does not compile. */
export function compiled(text: string, options?: CompileOptions): CompiledPolicy {
  const out = compileText(text, options);
  if (!out.ok) throw new Error(out.error.map((issue) => `${issue.line} ${issue.path} ${issue.message}`).join('\n'));
  return out.value;
}

/** All issues of a text, whether or not it compiles. */
export function issuesOf(text: string, options?: CompileOptions): readonly PolicyIssue[] {
  const out = compileText(text, options);
  return out.ok ? out.value.issues : out.error;
}

/** `severity path`, for tests that do not care about the words. */
export function briefly(issues: readonly PolicyIssue[]): readonly string[] {
  return issues.map((issue) => `${issue.severity} ${issue.path}`);
}
