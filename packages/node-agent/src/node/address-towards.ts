import { createSocket } from 'node:dgram';

/** The IPv4 address of this machine that others on the way to a server see; undefined where none leads there. */
export async function addressTowards(url: string): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  // Nothing is sent: the system chooses the way at once.
  const socket = createSocket('udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(Number(port || 443), hostname, resolve);
    });
    return socket.address().address;
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}
