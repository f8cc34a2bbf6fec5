/** Introspections of live tokens, each asked about many times: one uncached read every time. */
import type { StreamPlan } from '../load/plan.ts';
import { type Measured, measured } from '../measured.ts';
import type { BenchOptions } from '../options.ts';
import { BASIC, bodiesFile, exchangeForm, FORM, tokenForm } from '../stage/forms.ts';
import { AUDIENCE } from '../stage/policy.ts';
import type { Server, Stage } from '../stage/stage.ts';

const TOKENS = 500;

/** Tokens a server can introspect: ours are structured, those of oidc-provider have to be opaque. */
export async function tokensToAskAbout(
  stage: Stage,
  options: BenchOptions,
  server: Server,
): Promise<readonly string[]> {
  const audience = server.name === 'oidc-provider' ? `${AUDIENCE}/opaque` : AUDIENCE;
  const tokens: string[] = [];
  for (let index = 0; index < Math.min(TOKENS, options.tokensPerSecond); index++) {
    const body = exchangeForm(stage.jobTokens.of(index % options.grants), { audience });
    const answer = await fetch(`http://127.0.0.1:${server.port}${server.tokenPath}`, {
      method: 'POST',
      headers: FORM,
      body,
    });
    const told = (await answer.json()) as { readonly access_token?: string };
    if (told.access_token === undefined) throw new Error(`${server.name} gave no token: ${JSON.stringify(told)}`);
    tokens.push(told.access_token);
  }
  return tokens;
}

/** As many as a closed loop gets done in the time. */
export function introspectClosed(
  stage: Stage,
  options: BenchOptions,
  server: Server,
  tokens: readonly string[],
  ms: number,
): Promise<Measured> {
  return introspect(stage, server, tokens, { kind: 'closed', connections: options.connections, durationMs: ms });
}

/** At a rate. */
export function introspectOpen(
  stage: Stage,
  options: BenchOptions,
  server: Server,
  tokens: readonly string[],
  ms: number,
): Promise<Measured> {
  const { introspectionsPerSecond: ratePerSecond } = options.open;
  return introspect(stage, server, tokens, { kind: 'open', connections: 256, durationMs: ms, ratePerSecond });
}

function introspect(
  stage: Stage,
  server: Server,
  tokens: readonly string[],
  shape: Pick<StreamPlan, 'kind' | 'connections' | 'durationMs' | 'ratePerSecond'>,
): Promise<Measured> {
  const file = bodiesFile(
    stage,
    `introspect-${server.name}`,
    tokens.map((token) => tokenForm(token)),
  );
  const where = { port: server.port, path: server.introspectionPath, headers: BASIC, bodiesFile: file };
  return measured(stage, server, { ...shape, ...where, repeat: true });
}
