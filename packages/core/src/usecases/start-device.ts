/** startDevice: a device without a browser asks, and gets a code to poll with and one to show (RFC 8628 section 3.1). Nobody is told yet. */
import { type Scope, scopeSet } from '../domain/access.ts';
import { detailSet } from '../domain/details.ts';
import {
  DEVICE_LIFE,
  type DeviceAuthorization,
  hasScopes,
  resourceWithScopes,
  type UserCode,
} from '../domain/device.ts';
import { firstPace } from '../domain/handle.ts';
import { after, type Duration, inSeconds } from '../domain/instant.ts';
import type { Json } from '../domain/json.ts';
import { type Client, clientById, type Policy, type Resource } from '../domain/policy.ts';
import type { Refusal } from '../domain/refusal.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Attribution } from '../ports/attribution.ts';
import type { Chance, Clock, Hashing } from '../ports/chance.ts';
import type { DetailsChecker } from '../ports/details.ts';
import type { Devices } from '../ports/devices.ts';
import type { Paces } from '../ports/handles.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Policies } from '../ports/policies.ts';
import { targetOf } from './asking.ts';
import { handlePace } from './waiting.ts';

export interface StartDeviceCommand {
  readonly client: Client;
  /** Values of `audience` and `resource`; none: the one resource that has the scopes. */
  readonly targets: readonly string[];
  readonly scopes: readonly Scope[];
  readonly details?: readonly Json[];
  /** Of the key proved with this call; without one the first poll's proof binds. */
  readonly jkt?: string;
  readonly reason?: string;
  readonly requestedDuration?: Duration;
}

export interface StartedDevice {
  /** Leaves the process only in the answer. */
  readonly deviceCode: string;
  readonly userCode: UserCode;
  readonly secondsLeft: number;
  readonly intervalSeconds: number;
}

export interface StartDeviceDeps {
  readonly devices: Devices;
  readonly policies: Policies;
  readonly details: DetailsChecker;
  readonly paces: Paces;
  readonly ledger: Pick<Ledger, 'note'>;
  readonly chance: Chance;
  readonly hashing: Hashing;
  readonly clock: Clock;
}

export type StartDevice = (command: StartDeviceCommand, by: Attribution) => Promise<Result<StartedDevice, Refusal>>;

/** One in 25 thousand million is taken by each that is kept: the second try is a wonder, the fifth is a bug. */
const TRIES_MAX = 5;

/** Builds the use case. Refusals: client_rejected, target_unknown, scope_not_covered, details_not_covered. */
export function makeStartDevice(deps: StartDeviceDeps): StartDevice {
  return async (command, by) => {
    const asked = askOf(deps, command, deps.policies.inForce());
    if (asked.ok) return ok(await keep(deps, command, asked.value));
    await deps.ledger.note({ refusal: asked.error, by: { ...by, clientId: command.client.id }, attempted: 'device' });
    return asked;
  };
}

type Asked = Pick<DeviceAuthorization, 'resource' | 'scopes' | 'details'>;

function askOf(
  { details: checker }: StartDeviceDeps,
  { client, targets, scopes, details }: StartDeviceCommand,
  policy: Policy,
): Result<Asked, Refusal> {
  if (clientById(policy, client.id) === undefined) return err({ code: 'client_rejected', usedBasic: false });
  if (scopes.length === 0) return err({ code: 'scope_not_covered' });
  const resource = targets.length === 0 ? resourceWithScopes(policy, scopes) : targetOf(policy, targets);
  if (resource === undefined) return err({ code: 'target_unknown' });
  if (!hasScopes(resource, scopes)) return err({ code: 'scope_not_covered' });
  return withDetails(checker, resource, scopes, details);
}

function withDetails(
  checker: DetailsChecker,
  resource: Resource,
  scopes: readonly Scope[],
  details: readonly Json[] | undefined,
): Result<Asked, Refusal> {
  const checked = details === undefined ? undefined : checker.check(resource, details);
  if (details !== undefined && checked === undefined) return err({ code: 'details_not_covered' });
  const some = checked === undefined || checked.length === 0 ? {} : { details: detailSet(checked) };
  return ok({ resource: resource.id, scopes: scopeSet(scopes), ...some });
}

async function keep(deps: StartDeviceDeps, command: StartDeviceCommand, asked: Asked): Promise<StartedDevice> {
  const { jkt, reason, requestedDuration, client } = command;
  const now = deps.clock.now();
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const deviceCode = deps.chance.handle();
    const device: DeviceAuthorization = {
      id: deps.hashing.handleIdOf(deviceCode),
      userCode: deps.chance.userCode(),
      clientId: client.id,
      ...asked,
      ...(jkt === undefined ? {} : { jkt }),
      ...(reason === undefined ? {} : { reason }),
      ...(requestedDuration === undefined ? {} : { requestedDuration }),
      issuedAt: now,
      expiresAt: after(now, DEVICE_LIFE),
      status: { state: 'open' },
    };
    if (!(await deps.devices.put(device))) continue;
    const { pace } = deps.paces.touch(handlePace(device.id), (_none, at) => ({ kind: 'in_time', pace: firstPace(at) }));
    const { userCode } = device;
    return { deviceCode, userCode, secondsLeft: inSeconds(DEVICE_LIFE), intervalSeconds: pace.intervalSeconds };
  }
  throw new Error('every user code was taken');
}
