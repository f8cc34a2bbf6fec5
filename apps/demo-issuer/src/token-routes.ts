/** Owns the two token endpoints: a person's ID token, a pipeline's job token, as plain text for a shell. */
import type { Issuers } from '@sallyport/testkit/issuer';
import { z } from 'zod';
import { type DemoWorkload, demoWorkloads } from './workloads.ts';

const short = z.string().min(1).max(255);
const personAsk = z.strictObject({
  sub: short,
  audience: short.default('sallyport'),
});
const jobAsk = z.strictObject({
  workload: short,
  audience: short.optional(),
  ref: short.optional(),
  event_name: short.optional(),
});

export interface TextAnswer {
  readonly status: number;
  readonly text: string;
}

/** Answers one of the two paths; undefined: not ours. `params` are query and form together. */
export type TokenRoutes = (path: string, params: Readonly<Record<string, string>>) => Promise<TextAnswer | undefined>;

/** @param broker audience of job tokens that name no other */
export function makeTokenRoutes(issuers: Issuers, broker: string): TokenRoutes {
  return async (path, params) => {
    if (path === '/workforce/token') return personToken(issuers, params);
    if (path === '/ci/token') return jobToken(issuers, broker, params);
    return undefined;
  };
}

async function personToken(issuers: Issuers, params: Readonly<Record<string, string>>): Promise<TextAnswer> {
  const ask = personAsk.safeParse(params);
  if (!ask.success) return wrong('sub, like ?sub=alice; perhaps audience', ask.error);
  return { status: 200, text: await issuers.issuer('workforce').idToken(ask.data) };
}

async function jobToken(
  issuers: Issuers,
  broker: string,
  params: Readonly<Record<string, string>>,
): Promise<TextAnswer> {
  const ask = jobAsk.safeParse(params);
  if (!ask.success)
    return wrong('workload, like ?workload=payments-deploy; perhaps audience, ref, event_name', ask.error);
  const workload = demoWorkloads.find((one) => one.id === ask.data.workload);
  if (workload === undefined) {
    return { status: 404, text: `no such workload; there are: ${demoWorkloads.map((one) => one.id).join(', ')}` };
  }
  return { status: 200, text: await issuers.issuer('ci').jobToken(jobOf(workload, ask.data, broker)) };
}

function jobOf(workload: DemoWorkload, ask: z.output<typeof jobAsk>, broker: string) {
  return {
    audience: ask.audience ?? broker,
    repository: workload.repository,
    repositoryId: workload.repositoryId,
    repositoryOwnerId: workload.repositoryOwnerId,
    ref: ask.ref ?? workload.ref,
    ...(ask.event_name === undefined ? {} : { eventName: ask.event_name }),
  };
}

function wrong(wanted: string, error: z.ZodError): TextAnswer {
  const where = error.issues.map((issue) => `${issue.path.join('.') || 'parameters'}: ${issue.message}`).join('; ');
  return { status: 400, text: `${where}\nwanted: ${wanted}` };
}
