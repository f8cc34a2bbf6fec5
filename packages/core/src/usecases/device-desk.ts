/** deviceDesk: a person looks at what a device asks, and takes it on in their own name or turns it away (RFC 8628 section 3.3). */
import { type Answer, answer, type ExchangeAsk } from '../domain/answer.ts';
import { type DeviceAuthorization, isOpen, type UserCode } from '../domain/device.ts';
import type { HandleId } from '../domain/ids.ts';
import { type Client, clientById, type Policy, type Resource, resourceById } from '../domain/policy.ts';
import type { Person } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Attribution } from '../ports/attribution.ts';
import type { Devices } from '../ports/devices.ts';
import type { HandleSeen, Handles } from '../ports/handles.ts';
import type { Seen } from '../ports/ledger.ts';
import type { Policies } from '../ports/policies.ts';
import { type AskingDeps, findOrOpen, type Wish } from './asking.ts';
import { handleOf } from './waiting.ts';

/** What a device asks, as one person is shown it. */
export type DeviceView =
  /** Waits for them: who asks, for what, and what would come of it, or why nothing can. */
  | {
      readonly kind: 'open';
      readonly device: DeviceAuthorization;
      readonly resource: Resource;
      readonly found: Result<Answer, Refusal>;
    }
  /** They took it on: the request it waits for, and whether it has its token. */
  | { readonly kind: 'taken'; readonly device: DeviceAuthorization; readonly handle: HandleSeen }
  /** They turned it away. */
  | { readonly kind: 'denied'; readonly device: DeviceAuthorization };

export interface DeviceDesk {
  /** Which device shows this code. Refusals: handle_unknown (also one that somebody else took on), handle_expired. */
  find(code: UserCode, person: Person, by: Attribution): Promise<Result<HandleId, Refusal>>;
  /** Refusals: handle_unknown, handle_expired, target_unknown (the resource is gone), client_rejected. */
  look(id: HandleId, person: Person): Promise<Result<Seen<DeviceView>, Refusal>>;
  /**
   * Asks what the device asks, as this person and for themselves: joins what covers it or opens a request, and ties
   * the device to it. `reason`: why, in their words. Refusals: those of `look`, of `answer` and of `openRequest`.
   */
  take(id: HandleId, person: Person, reason: string, by: Attribution): Promise<Result<void, Refusal>>;
  /** Its polls are answered `access_denied` from then on. Refusals: handle_unknown, handle_expired. */
  deny(id: HandleId, person: Person, by: Attribution): Promise<Result<void, Refusal>>;
}

export interface DeviceDeskDeps extends AskingDeps {
  readonly devices: Devices;
  readonly handles: Handles;
  readonly policies: Policies;
}

/** Looks again this often when the policy moved under it; then it is an outage. */
const LOOKS_MAX = 5;

/** Builds the use case. Every refused attempt leaves one row. */
export function makeDeviceDesk(deps: DeviceDeskDeps): DeviceDesk {
  const noted = async <T>(
    refused: Result<T, Refusal>,
    by: Attribution,
    written: ReadonlySet<Refusal> = new Set(),
  ): Promise<Result<T, Refusal>> => {
    if (!refused.ok && !written.has(refused.error))
      await deps.ledger.note({ refusal: refused.error, by, attempted: 'device' });
    return refused;
  };
  return {
    async find(code, person, by) {
      const theirs = standing(await deps.devices.findByUserCode(code), person);
      return theirs.ok ? ok(theirs.value.value.id) : noted(theirs, by);
    },
    look: (id, person) => look(deps, id, person),
    async take(id, person, reason, by) {
      const written = new Set<Refusal>();
      return noted(await take(deps, { id, person, reason, by, written }), by, written);
    },
    async deny(id, person, by) {
      const theirs = standing(await deps.devices.find(id), person);
      if (!theirs.ok) return noted(theirs, by);
      const { value: device, at } = theirs.value;
      if (!(await deps.devices.deny(id, person.id))) return noted(err({ code: 'handle_unknown' }), by);
      const refusal = { code: 'request_closed', state: 'denied', at: at.now, by: person } as const;
      await deps.ledger.note({ refusal, by: { ...by, clientId: device.clientId }, attempted: 'device' });
      return ok(undefined);
    },
  };
}

/** It waits for somebody, or this person took it on or turned it away. To everybody else it is as unknown as any other. */
function standing(
  seen: Seen<DeviceAuthorization> | undefined,
  person: Person,
): Result<Seen<DeviceAuthorization>, Refusal> {
  if (seen === undefined) return err({ code: 'handle_unknown' });
  const { status } = seen.value;
  if (status.state !== 'open') return status.by === person.id ? ok(seen) : err({ code: 'handle_unknown' });
  return isOpen(seen.value, seen.at.now) ? ok(seen) : err({ code: 'handle_expired' });
}

async function look(deps: DeviceDeskDeps, id: HandleId, person: Person): Promise<Result<Seen<DeviceView>, Refusal>> {
  const theirs = standing(await deps.devices.find(id), person);
  if (!theirs.ok) return theirs;
  const { value: device, at } = theirs.value;
  if (device.status.state === 'denied') return ok({ value: { kind: 'denied', device }, at });
  if (device.status.state === 'taken') {
    const handle = await deps.handles.find(id);
    return handle === undefined
      ? err({ code: 'handle_expired' })
      : ok({ value: { kind: 'taken', device, handle: handle.value }, at: handle.at });
  }
  const seen = await deps.ledger.covering({ subject: person, resource: device.resource, useKeys: [] });
  const parties = partiesOf(seen.at.policy, device);
  if (!parties.ok) return parties;
  const { resource } = parties.value;
  const found = answer(seen.value.cases, askOf(device, person, resource), seen.at);
  return ok({ value: { kind: 'open', device, resource, found }, at: seen.at });
}

/** Client and resource, if both are still in force. */
function partiesOf(
  policy: Policy,
  device: DeviceAuthorization,
): Result<{ readonly client: Client; readonly resource: Resource }, Refusal> {
  const client = clientById(policy, device.clientId);
  if (client === undefined) return err({ code: 'client_rejected', usedBasic: false });
  const resource = resourceById(policy, device.resource);
  return resource === undefined ? err({ code: 'target_unknown' }) : ok({ client, resource });
}

function askOf({ scopes, details }: DeviceAuthorization, subject: Person, resource: Resource): ExchangeAsk {
  return { subject, resource, scopes, ...(details === undefined ? {} : { details }), deferred: true };
}

interface Taking {
  readonly id: HandleId;
  readonly person: Person;
  readonly reason: string;
  readonly by: Attribution;
  /** Refusals whose audit row the ledger has written already. */
  readonly written: Set<Refusal>;
}

async function take(deps: DeviceDeskDeps, taking: Taking): Promise<Result<void, Refusal>> {
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    const taken = await takeUnder(deps, taking, deps.policies.inForce());
    if (taken !== undefined) return taken;
  }
  throw new Error('the policy kept changing while a device was taken on');
}

/** Undefined when the policy was not the one in force. A request that was opened and not tied to the device is joined by the next try. */
async function takeUnder(
  deps: DeviceDeskDeps,
  { id, person, reason, by, written }: Taking,
  policy: Policy,
): Promise<Result<void, Refusal> | undefined> {
  const theirs = standing(await deps.devices.find(id), person);
  if (!theirs.ok) return theirs;
  const device = theirs.value.value;
  if (device.status.state === 'taken') return ok(undefined);
  if (device.status.state === 'denied') return err({ code: 'handle_unknown' });
  const parties = partiesOf(policy, device);
  if (!parties.ok) return parties;
  const { client, resource } = parties.value;
  const attribution = { ...by, clientId: client.id };
  const noted = (refusal: Refusal): void => void written.add(refusal);
  const found = await findOrOpen(
    deps,
    askOf(device, person, resource),
    wishOf(device, reason),
    policy,
    attribution,
    noted,
  );
  if (found === undefined || !found.ok) return found;
  const { extent, madeRequest, on } = found.value;
  const key = device.jkt === undefined ? {} : { jkt: device.jkt };
  const handle = handleOf(id, 'device_code', { client, principal: person, ...key, extent, uses: [], madeRequest }, on);
  return (await deps.devices.take(handle, person.id)) ? ok(undefined) : err({ code: 'handle_unknown' });
}

function wishOf({ clientId, requestedDuration }: DeviceAuthorization, reason: string): Wish {
  return { clientId, reason, ...(requestedDuration === undefined ? {} : { requestedDuration }) };
}
