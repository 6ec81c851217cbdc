import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { NameServer } from './ask-server.ts';
import type { NameResolver } from './name-resolver.ts';
import type { NamesPort } from './names-port.ts';

/** Bytes of answers that wait to be sent; more are not sent at all, as any datagram may get lost. */
const unsentBytesMax = 4 * 1024 * 1024;

/** Answers datagrams. Errors: the system's, where the address is not to be had. */
export async function serveDatagrams(
  resolver: Pick<NameResolver, 'answer'>,
  { address, port }: NameServer,
): Promise<NamesPort> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  let isClosed = false;
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  socket.on('message', (message, from) => {
    // Nobody has this port, and Node.js throws at it.
    if (from.port === 0) return;
    const send = (answer: Buffer | undefined): void => {
      if (answer === undefined || isClosed || socket.getSendQueueSize() > unsentBytesMax) return;
      // Who asked may be gone.
      socket.send(answer, from.port, from.address, () => undefined);
    };
    const answer = resolver.answer(message, 'udp');
    if (answer instanceof Promise) void answer.then(send);
    else send(answer);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  socket.on('error', failed.reject);
  return {
    address: { address, port: socket.address().port },
    failed: failed.promise,
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await new Promise<void>((resolve) => socket.close(resolve));
    },
  };
}
