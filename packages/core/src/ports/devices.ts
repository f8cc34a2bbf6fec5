/** Devices: what devices without a browser ask, until a person takes it on or turns it away. */
import type { DeviceAuthorization, UserCode } from '../domain/device.ts';
import type { Handle } from '../domain/handle.ts';
import type { HandleId } from '../domain/ids.ts';
import type { PersonId } from '../domain/principal.ts';
import type { Seen } from './ledger.ts';

export interface Devices {
  /** Keeps an open one. False when its user code is another's: make a new one. */
  put(device: DeviceAuthorization): Promise<boolean>;
  find(id: HandleId): Promise<Seen<DeviceAuthorization> | undefined>;
  findByUserCode(code: UserCode): Promise<Seen<DeviceAuthorization> | undefined>;
  /**
   * Ties it to the request of the person who takes it on, by the handle its polls are answered with from then on: both
   * or neither. False when it is no longer open and in time by the store's clock.
   */
  take(handle: Handle, by: PersonId): Promise<boolean>;
  /** Turns it away. False when it is no longer open and in time. */
  deny(id: HandleId, by: PersonId): Promise<boolean>;
}
