import { type RemoteInfo, createSocket } from 'node:dgram';

/** Answers a datagram. Whoever is answered may be gone, and so may the port: then nothing is sent. */
export type Reply = (answer: Buffer) => void;

/** Takes datagrams at an address, and answers from there. Errors: the system's, where it is not to be had. */
export async function openDatagramPort(
  { address, port }: { readonly address: string; readonly port: number },
  take: (message: Buffer, from: RemoteInfo, reply: Reply) => void,
): Promise<AsyncDisposable> {
  let isClosed = false;
  const socket = createSocket('udp4', (message, from) => {
    // Nobody has this port, and Node.js throws at it.
    if (from.port === 0) return;
    take(message, from, (answer) => {
      if (!isClosed) socket.send(answer, from.port, from.address, () => {});
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject).bind({ address, port, exclusive: true }, resolve);
  });
  socket.on('error', () => {}); // Whoever was answered is gone.
  return {
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await new Promise<void>((resolve) => socket.close(resolve));
    },
  };
}
