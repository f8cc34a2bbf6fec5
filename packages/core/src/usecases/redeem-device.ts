/** redeemDevice: a device polls (RFC 8628 section 3.4): until a person takes it on it waits for them, from then on like every other handle. */
import { type DeviceAuthorization, isOpen } from '../domain/device.ts';
import { nextPoll } from '../domain/handle.ts';
import { after, hours } from '../domain/instant.ts';
import type { Refusal } from '../domain/refusal.ts';
import { err } from '../domain/result.ts';
import type { Attribution } from '../ports/attribution.ts';
import type { Hashing } from '../ports/chance.ts';
import type { Devices } from '../ports/devices.ts';
import type { Paces } from '../ports/handles.ts';
import type { Ledger, Seen } from '../ports/ledger.ts';
import type { RedeemCommand, RedeemHandle } from './redeem-handle.ts';
import { handlePace } from './waiting.ts';

export interface RedeemDeviceDeps {
  readonly devices: Devices;
  readonly redeemHandle: RedeemHandle;
  readonly paces: Paces;
  readonly hashing: Hashing;
  readonly ledger: Pick<Ledger, 'note'>;
}

/** How long a code that nobody took on still says so. */
const REMEMBERED = hours(24);

/**
 * Builds the use case: `redeemHandle`, and for a device code that nobody has taken on its own answers. Refusals besides:
 * approval_pending (nobody has taken it on), request_closed (turned away), handle_expired.
 */
export function makeRedeemDevice(deps: RedeemDeviceDeps): RedeemHandle {
  return async (command, by) => {
    if (command.kind !== 'device_code') return deps.redeemHandle(command, by);
    const seen = await deps.devices.find(deps.hashing.handleIdOf(command.code));
    // What is not there, and what is a handle by now, is judged as every handle is.
    if (seen === undefined || seen.value.status.state === 'taken') return deps.redeemHandle(command, by);
    const refusal = refusalOf(deps, command, seen);
    if (refusal.code !== 'approval_pending' && refusal.code !== 'polled_too_soon')
      await note(deps, command, refusal, by);
    return err(refusal);
  };
}

function refusalOf(
  deps: RedeemDeviceDeps,
  command: RedeemCommand,
  { value: device, at }: Seen<DeviceAuthorization>,
): Refusal {
  if (device.clientId !== command.client.id || at.now >= after(device.expiresAt, REMEMBERED))
    return { code: 'handle_unknown' };
  if (device.jkt !== undefined && command.jkt !== device.jkt)
    return command.jkt === undefined ? { code: 'proof_required' } : { code: 'proof_rejected', why: 'other_key' };
  const { status } = device;
  if (status.state === 'denied')
    return { code: 'request_closed', state: 'denied', at: status.at, by: { kind: 'person', id: status.by } };
  if (!isOpen(device, at.now)) return { code: 'handle_expired' };
  return pace(deps, device);
}

function pace({ paces }: RedeemDeviceDeps, { id }: DeviceAuthorization): Refusal {
  const poll = paces.touch(handlePace(id), nextPoll);
  const { intervalSeconds } = poll.pace;
  switch (poll.kind) {
    case 'in_time':
      return { code: 'approval_pending', intervalSeconds };
    case 'too_soon':
    // Nothing is lost that a slower client would have: it is told to be slower for as long as it is too fast.
    case 'burned':
      return { code: 'polled_too_soon', intervalSeconds };
  }
}

async function note(
  deps: RedeemDeviceDeps,
  { client }: RedeemCommand,
  refusal: Refusal,
  by: Attribution,
): Promise<void> {
  await deps.ledger.note({ refusal, by: { ...by, clientId: client.id }, attempted: 'poll' });
}
