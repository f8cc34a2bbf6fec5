/** The contract of devices: found by either code, decided once, in time, and by one person; taking it on and its handle are one. */
import { describe, expect, test } from '@jest/globals';
import { after, type DeviceAuthorization, minutes, type Scope } from '@sallyport/core';
import { ALICE, BOB, CI, ORDERS } from '../builders.ts';
import { sha256Hashing } from '../fixed-clock.ts';
import { useStore } from './kit.ts';
import type { MakeStoreWorld } from './store-world.ts';

/** Declares the tests of `Devices` for a store. */
export function devicesContract(name: string, make: MakeStoreWorld): void {
  describe(`${name} keeps the contract of devices`, () => {
    const kit = useStore(make);
    const devices = () => kit.world().devices;
    const freshId = () => sha256Hashing.handleIdOf(kit.chance.handle());

    async function put(change: Partial<DeviceAuthorization> = {}): Promise<DeviceAuthorization> {
      const { now } = await kit.now();
      const device: DeviceAuthorization = {
        id: freshId(),
        userCode: kit.chance.userCode(),
        clientId: CI,
        resource: ORDERS,
        scopes: ['orders:read' as Scope],
        issuedAt: now,
        expiresAt: after(now, minutes(10)),
        status: { state: 'open' },
        ...change,
      };
      expect(await devices().put(device)).toBe(true);
      return device;
    }
    const handleFor = async (device: DeviceAuthorization) =>
      kit.handle(await kit.open(), { id: device.id, kind: 'device_code' });

    test('P24: it is found whole, by its device code and by its user code, and by no other', async () => {
      const device = await put({
        jkt: 'a'.repeat(43),
        details: [{ type: 'orders', region: 'eu' }],
        reason: 'why',
        requestedDuration: minutes(30),
      });
      expect((await devices().find(device.id))?.value).toEqual(device);
      expect((await devices().findByUserCode(device.userCode))?.value).toEqual(device);
      expect(await devices().find(freshId())).toBeUndefined();
      expect(await devices().findByUserCode(kit.chance.userCode())).toBeUndefined();
    });

    test('P24: a user code is one device’s', async () => {
      const device = await put();
      expect(await devices().put({ ...device, id: freshId() })).toBe(false);
      expect((await devices().findByUserCode(device.userCode))?.value.id).toBe(device.id);
    });

    test('P24: taking it on gives it its handle, and both are there or neither', async () => {
      const device = await put();
      const handle = await handleFor(device);
      expect(await devices().take(handle, ALICE.id)).toBe(true);
      const { status } = (await devices().find(device.id))?.value ?? {};
      expect(status).toMatchObject({ state: 'taken', by: ALICE.id, requestId: handle.requestId });
      expect((await kit.world().handles.find(device.id))?.value.handle).toEqual(handle);
    });

    test('P24: whoever comes second decides nothing, also at the same moment', async () => {
      const device = await put();
      const [one, two] = [await handleFor(device), await handleFor(device)];
      const taken = await Promise.all([
        devices().take(one, ALICE.id),
        devices().take(two, BOB.id),
        devices().deny(device.id, BOB.id),
      ]);
      expect(taken.filter(Boolean)).toHaveLength(1);
      expect(await devices().deny(device.id, ALICE.id)).toBe(false);
    });

    test('P24: turned away it gets no handle any more', async () => {
      const device = await put();
      expect(await devices().deny(device.id, BOB.id)).toBe(true);
      expect(await devices().take(await handleFor(device), ALICE.id)).toBe(false);
      expect(await kit.world().handles.find(device.id)).toBeUndefined();
      expect((await devices().find(device.id))?.value.status).toMatchObject({ state: 'denied', by: BOB.id });
    });

    test('I-10: past its time, by the store’s clock, nobody decides it', async () => {
      const device = await put();
      const handle = await handleFor(device);
      await kit.world().advance(minutes(11));
      expect(await devices().take(handle, ALICE.id)).toBe(false);
      expect(await devices().deny(device.id, ALICE.id)).toBe(false);
      expect((await devices().find(device.id))?.value.status).toEqual({ state: 'open' });
    });
  });
}
