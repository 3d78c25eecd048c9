// Ports to listen on that nobody uses now, taken from where no system takes the near end of an outgoing connection
// (Linux from 32768 on, others from 49152 on): a port asked of the system itself lies among those, and between the
// choice and the listening, or while a service is down, any connection of this machine may sit on it.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const lowest = 20_000;
const highest = 32_000;
const tries = 200;

/** @returns as many ports in a row on 127.0.0.1 @throws Error when no row is found */
export async function freePorts(count: number): Promise<number[]> {
  for (let tried = 0; tried < tries; tried++) {
    const first = randomInt(lowest, highest - count);
    const row = Array.from({ length: count }, (_, n) => first + n);
    const free = await Promise.all(row.map((port) => isFree({ host: '127.0.0.1', port })));
    if (free.every((each) => each)) return row;
  }
  throw new Error(`no ${count} free ports in a row between ${lowest} and ${highest}: see what listens there (ss -ltn)`);
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port as number;
}

/** False when something listens there; any other fault of the address is for whoever listens to name. */
export function isFree({ host, port }: { readonly host: string; readonly port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}
