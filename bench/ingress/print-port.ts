import type { Server } from 'node:net';

/** Listens on a free port and prints it. */
export function printPort(server: Server, host = '127.0.0.1'): void {
  server.listen(0, host, () => {
    const address = server.address();
    if (address !== null && typeof address !== 'string') console.log(address.port);
  });
}
