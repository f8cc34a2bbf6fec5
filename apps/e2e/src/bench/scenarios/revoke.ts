/** Revocation: said at one broker, asked about at the other, with the token and with a new exchange. */
import type { Call, RevokeStep } from '../load/plan.ts';
import { BASIC, exchangeForm, FORM, tokenForm } from '../stage/forms.ts';
import { approveJobs, headersOf } from '../stage/people.ts';
import { CLIENT } from '../stage/policy.ts';
import type { Stage } from '../stage/stage.ts';

const PATIENCE_MS = 5_000;

export interface Revoked {
  readonly revocations: number;
  /** From the answer to the revocation to the refusal, at the other broker. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Answers that still said yes. */
  readonly staleAnswers: number;
}

/** Revokes grants (even steps) and tokens (odd ones) of fresh pipelines. Returns the tokens too: they are in the ledger. */
export async function revokeAll(stage: Stage, fromJob: number, count: number) {
  const grants = await approveJobs(stage, fromJob, count);
  const alice = await headersOf(stage, 'alice');
  const tokens = await Promise.all(grants.map((_, index) => tokenOf(stage, fromJob + index)));
  const steps = tokens.map((token, index) =>
    index % 2 === 0 ? grantStep(stage, String(grants[index]), token, fromJob + index, alice) : tokenStep(stage, token),
  );
  const { refusedAfterMs: spread, staleAnswers } = await stage.generator.run({
    kind: 'revoke',
    steps,
    patienceMs: PATIENCE_MS,
  });
  const { p50: p50Ms, p95: p95Ms, p99: p99Ms, max: maxMs } = spread;
  return { revocations: count, p50Ms, p95Ms, p99Ms, maxMs, staleAnswers, tokens };
}

async function tokenOf({ brokers: [broker], jobTokens }: Stage, job: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${broker.port}${broker.tokenPath}`, {
    method: 'POST',
    headers: FORM,
    body: exchangeForm(jobTokens.of(job)),
  });
  const { access_token: token } = (await answer.json()) as { readonly access_token?: string };
  if (token === undefined) throw new Error('a live grant gives a token');
  return token;
}

function introspection({ brokers: [first] }: Stage, token: string): Call {
  return { port: first.port, path: first.introspectionPath, headers: BASIC, body: tokenForm(token) };
}

function grantStep(
  stage: Stage,
  grantId: string,
  token: string,
  job: number,
  headers: Readonly<Record<string, string>>,
): RevokeStep {
  const [first, second] = stage.brokers;
  const { 'content-type': _, ...withoutBody } = headers;
  const exchange = {
    port: first.port,
    path: first.tokenPath,
    headers: FORM,
    body: exchangeForm(stage.jobTokens.of(job)),
  };
  return {
    revoke: { port: second.port, path: `/v1/grants/${grantId}/revoke`, headers: withoutBody, body: '' },
    asks: [introspection(stage, token), exchange],
  };
}

function tokenStep(stage: Stage, token: string): RevokeStep {
  const body = tokenForm(token, { client_id: CLIENT });
  return {
    revoke: { port: stage.brokers[1].port, path: '/oauth/revoke', headers: FORM, body },
    asks: [introspection(stage, token)],
  };
}
