import type { Socket } from 'node:net';
import { serveSocket } from '../serve-socket.ts';
import { DatagramFrames, datagramFrame } from './datagram-frames.ts';

/** In the folder of the runtime. */
export const namesSockets = {
  connections: 'names.sock',
  datagrams: 'names-datagrams.sock',
} as const;

/** Whoever answers for names. */
export interface NamesAnswers {
  /** Undefined: there is no answer. */
  readonly datagram: (message: Buffer) => Buffer | undefined | Promise<Buffer | undefined>;
  readonly connection: (socket: Socket) => void;
}

/** Has pods of a runtime ask for names here, by what its network leads to it. `directory`: of the runtime. */
export async function openNamesDoor(
  directory: string,
  { datagram, connection }: NamesAnswers,
): Promise<AsyncDisposable> {
  const connections = await serveSocket(directory, namesSockets.connections, connection);
  const datagrams = await serveSocket(directory, namesSockets.datagrams, (socket) => {
    const frames = new DatagramFrames();
    socket.on('error', () => socket.destroy()).on('end', () => socket.end());
    const send = (id: number, message: Buffer | undefined): void => {
      if (message !== undefined && socket.writable) socket.write(datagramFrame({ id, message }));
    };
    socket.on('data', (chunk) => {
      for (const { id, message } of frames.take(chunk)) {
        const answer = datagram(message);
        if (answer instanceof Promise) void answer.then((later) => send(id, later));
        else send(id, answer);
      }
    });
  });
  return {
    async [Symbol.asyncDispose]() {
      await datagrams[Symbol.asyncDispose]();
      await connections[Symbol.asyncDispose]();
    },
  };
}
