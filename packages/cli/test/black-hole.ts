import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/** An address that answers nothing to who wants to connect, as behind a firewall that drops what comes. */
export interface BlackHole extends AsyncDisposable {
  readonly port: number;
}

/** Listens, and never accepts: the queue of the system is filled, and it drops what comes after that. */
const listening = `
const { parentPort } = require('node:worker_threads');
const server = require('node:net').createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
`;

export async function openBlackHole(): Promise<BlackHole> {
  const worker = new Worker(listening, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  const waiting: Socket[] = [];
  // Once the queue is full, the system drops what comes; before that it connects at once.
  for (let isOpen = true; isOpen && waiting.length < 10;) {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    waiting.push(socket);
    await setTimeout(100);
    // On a busy machine the timer may come before what the system has said meanwhile.
    await setImmediate();
    isOpen = !socket.connecting;
  }
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of waiting) socket.destroy();
      await worker.terminate();
    },
  };
}
