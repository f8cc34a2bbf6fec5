/** What people do in a bench: Alice asks for her pipelines, Dan approves; by REST, on the second broker. */
import type { Click } from '../load/plan.ts';
import { jobId, RESOURCE, ROLE } from './policy.ts';
import type { Stage } from './stage.ts';

const GRANT_DURATION = '4h';
const AT_ONCE = 8;

type Body = Readonly<Record<string, unknown>>;

/** The headers of somebody's REST call. */
export async function headersOf(stage: Stage, sub: 'alice' | 'dan'): Promise<Readonly<Record<string, string>>> {
  const token = await stage.issuers.issuer('workforce').idToken({ sub, audience: 'sallyport' });
  return { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
}

/** Asks for a pipeline and approves: a live grant. Returns the grant's id. */
async function approveOne(stage: Stage, job: number, alice: Headers, dan: Headers): Promise<string> {
  const asked = await post(stage, '/v1/access-requests', alice, {
    resource: RESOURCE,
    role: ROLE,
    duration: GRANT_DURATION,
    justification: 'The bench needs something to exchange against',
    subject: { workload: jobId(job) },
  });
  const decided = await post(stage, `/v1/access-requests/${String(asked.id)}/decisions`, dan, APPROVE);
  return String((decided.grant as Body | null)?.id);
}

type Headers = Readonly<Record<string, string>>;
const APPROVE = { verdict: 'approve', revision: 1 } as const;

/** Live grants for the pipelines from `from` on; their ids. */
export async function approveJobs(stage: Stage, from: number, count: number): Promise<readonly string[]> {
  const [alice, dan] = [await headersOf(stage, 'alice'), await headersOf(stage, 'dan')];
  const grants: string[] = [];
  for (let done = 0; done < count; done += AT_ONCE) {
    const jobs = Array.from({ length: Math.min(AT_ONCE, count - done) }, (_, index) => from + done + index);
    grants.push(...(await Promise.all(jobs.map((job) => approveOne(stage, job, alice, dan)))));
  }
  return grants;
}

/** Dan's click on a request, as a call of the second broker. */
export function approval(stage: Stage, requestId: string, headers: Headers, wakes: Click['wakes']): Click {
  const path = `/v1/access-requests/${requestId}/decisions`;
  return { port: stage.brokers[1].port, path, headers, body: JSON.stringify(APPROVE), wakes };
}

async function post(stage: Stage, path: string, headers: Headers, body: Body): Promise<Body> {
  const answer = await fetch(`http://127.0.0.1:${stage.brokers[1].port}${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  const told = (await answer.json()) as Body;
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${JSON.stringify(told)}`);
  return told;
}
