/** Owns in memory what devices without a browser ask. */
import { type DeviceAuthorization, type DeviceStatus, type Devices, type HandleId, isOpen } from '@sallyport/core';
import type { MemoryStore } from './memory-store.ts';

/** Devices over these rows. */
export function memoryDevices(store: MemoryStore): Devices {
  const seen = (device: DeviceAuthorization | undefined) =>
    device === undefined ? undefined : { value: device, at: store.moment() };
  const decide = (id: HandleId, status: (at: DeviceAuthorization['issuedAt']) => DeviceStatus): boolean => {
    const device = store.devices.get(id);
    const { now } = store.moment();
    if (device === undefined || !isOpen(device, now)) return false;
    store.devices.set(id, { ...device, status: status(now) });
    return true;
  };
  return {
    put: async (device) => {
      await store.turn('devices.put');
      if (store.devices.has(device.id)) throw new Error('a device code twice');
      if ([...store.devices.values()].some((other) => other.userCode === device.userCode)) return false;
      store.devices.set(device.id, device);
      return true;
    },
    find: async (id) => {
      await store.turn('devices.find');
      return seen(store.devices.get(id));
    },
    findByUserCode: async (code) => {
      await store.turn('devices.find');
      return seen([...store.devices.values()].find((device) => device.userCode === code));
    },
    take: async (handle, by) => {
      await store.turn('devices.take');
      const { id, requestId } = handle;
      if (!store.cases.has(requestId)) throw new Error('a device on a request that is not there');
      const taken = decide(id, (at) => ({ state: 'taken', at, by, requestId }));
      if (taken) store.handles.set(id, handle);
      return taken;
    },
    deny: async (id, by) => {
      await store.turn('devices.deny');
      return decide(id, (at) => ({ state: 'denied', at, by }));
    },
  };
}
