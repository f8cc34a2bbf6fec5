/** Reading: requests and grants by those who may see them; to everybody else they do not exist. */
import { type AccessCase, decisionsInForce } from '../domain/case.ts';
import type { GrantId, RequestId } from '../domain/ids.ts';
import type { Moment } from '../domain/moment.ts';
import type { Policy } from '../domain/policy.ts';
import { workloadsOwnedBy } from '../domain/policy.ts';
import { type PersonId, type Principal, person, workload } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { err, ok, type Result } from '../domain/result.ts';
import { reachesAny, reachOf } from '../domain/standing-in.ts';
import { mayRead } from '../domain/visibility.ts';
import type { Ledger, Listed, Page, Seen } from '../ports/ledger.ts';

/** How many pending requests are looked through for "waiting for me". */
const PENDING_LOOKED_AT_MAX = 1_000;

export interface Reading {
  /** Refusal: request_unknown. */
  request(id: RequestId, reader: Principal): Promise<Result<Seen<AccessCase>, Refusal>>;
  /** Refusal: request_unknown. */
  grant(id: GrantId, reader: Principal): Promise<Result<Seen<AccessCase>, Refusal>>;
  /** What the reader, or a workload they own, asked for or was asked for. Newest first. */
  requests(reader: Principal, policy: Policy, page: Page): Promise<Seen<Listed<AccessCase>>>;
  /** Likewise, those with a grant. */
  grants(reader: Principal, policy: Policy, page: Page): Promise<Seen<Listed<AccessCase>>>;
  /** Requests this person decided on, in any revision, newest first, of those they may still see. */
  decidedBy(person: PersonId, page: Page): Promise<Seen<Listed<AccessCase>>>;
  /** Pending requests this person may decide and has not, newest first. */
  waitingFor(person: PersonId): Promise<Seen<readonly AccessCase[]>>;
}

/** Builds the reads. */
export function makeReading({ ledger }: { readonly ledger: Ledger }): Reading {
  return {
    request: async (id, reader) => visible(await ledger.find(id), reader),
    grant: async (id, reader) => visible(await ledger.findByGrant(id), reader),
    requests: (reader, policy, page) => ledger.mine(readersSelves(policy, reader), page),
    grants: (reader, policy, page) => ledger.granted(readersSelves(policy, reader), page),
    decidedBy: async (id, page) => {
      const { value, at } = await ledger.decidedBy(id, page);
      return { value: { ...value, items: value.items.filter((c) => mayRead(at, c, person(id))) }, at };
    },
    waitingFor: async (id) => {
      const { value, at } = await ledger.pending(PENDING_LOOKED_AT_MAX);
      return { value: value.filter((c) => waitsFor(at, c, id)), at };
    },
  };
}

function visible(seen: Seen<AccessCase> | undefined, reader: Principal): Result<Seen<AccessCase>, Refusal> {
  return seen !== undefined && mayRead(seen.at, seen.value, reader) ? ok(seen) : err({ code: 'request_unknown' });
}

function readersSelves(policy: Policy, reader: Principal): readonly Principal[] {
  if (reader.kind === 'workload') return [reader];
  return [reader, ...workloadsOwnedBy(policy, reader.id).map((entry) => workload(entry.id))];
}

function waitsFor(at: Moment, c: AccessCase, person: PersonId): boolean {
  const decided = decisionsInForce(c).some((decision) => decision.person === person);
  return !decided && reachesAny(reachOf(at, c.request, c.request.lines, person));
}
