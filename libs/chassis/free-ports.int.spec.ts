import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { freePorts, isFree } from './free-ports';

it('are in a row, and below those from which outgoing connections take theirs', async () => {
  const ports = await freePorts(6);
  expect(ports).toEqual(Array.from({ length: 6 }, (_, n) => (ports[0] as number) + n));
  expect(ports.every((port) => port > 1_024 && port < 32_768)).toBe(true);
});

it('are not those where something listens', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const place = { host: '127.0.0.1', port: (taken.address() as AddressInfo).port };
  expect(await isFree(place)).toBe(false);
  await new Promise((resolve) => taken.close(resolve));
  expect(await isFree(place)).toBe(true);
});
