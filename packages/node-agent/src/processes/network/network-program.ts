/**
 * Holds the network that the pods of a node are in, leads out of it what is to be led out, and is the addresses of
 * services in it. A program of its own, which outlives the agent; it runs in the folder of the network. It imports
 * nothing of other packages, so that it stays small.
 */
import { createSocket } from 'node:dgram';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Socket, connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { joinSockets } from '../join-sockets.ts';
import { receiveLine } from '../receive-line.ts';
import { serveSocket } from '../serve-socket.ts';
import { type ShimAnswer, shimArgument } from '../shim-protocol.ts';
import { placeOf } from './backend-choice.ts';
import { DatagramRelay } from './datagram-relay.ts';
import { type Door, type NetworkPlan, type ProgramReady, networkFiles } from './network-plan.ts';
import type { EntranceChange, EntrancesAnswer, NetworkRequest } from './service-entrance.ts';
import { ServiceEntrances } from './service-entrances.ts';
import { setUpNetwork } from './set-up-network.ts';

const sweepEveryMs = 10_000;

// Whoever looks at all modules of the package starts nothing.
if (process.argv[2] === shimArgument) await run();

async function run(): Promise<void> {
  const said = createWriteStream('', { fd: 3 });
  try {
    const plan = JSON.parse(await readFile(networkFiles.plan, 'utf8')) as NetworkPlan;
    await setUpNetwork(plan);
    const relays = new Map<string, DatagramRelay>();
    for (const door of plan.doors) {
      await openDoor(door);
      if (door.datagramPath === undefined) continue;
      const relay = new DatagramRelay(door.datagramPath);
      await openDatagramDoor(door, relay);
      relays.set(placeOf(door), relay);
    }
    const entrances = new ServiceEntrances({ now: Date.now, random: Math.random, relays });
    setInterval(() => entrances.sweep(), sweepEveryMs).unref();
    await serveSocket('.', networkFiles.socket, (socket) => {
      socket.on('error', () => socket.destroy());
      serve(socket, entrances).catch((error: unknown) => {
        answer(socket, { ok: false, message: messageOf(error) });
        socket.end();
      });
    });
    const ready: ProgramReady = { pid: process.pid };
    said.end(`${JSON.stringify(ready)}\n`);
  } catch (error) {
    said.end(`${messageOf(error)}\n`, () => process.exit(1));
  }
}

async function openDoor({ address, port, socketPath }: Door): Promise<void> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (inner) => {
    joinSockets(inner, connect({ path: socketPath, allowHalfOpen: true }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, address, resolve);
  });
}

async function openDatagramDoor({ address, port }: Door, relay: DatagramRelay): Promise<void> {
  const socket = createSocket('udp4', (message, from) => {
    // Nobody has this port, and Node.js throws at it.
    if (from.port === 0) return;
    relay.ask(message, (reply) => socket.send(reply, from.port, from.address, () => {}));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject).bind({ address, port, exclusive: true }, resolve);
  });
  socket.off('error', () => {}).on('error', () => {}); // Whoever was answered is gone.
}

async function serve(socket: Socket, entrances: ServiceEntrances): Promise<void> {
  const request = JSON.parse(await receiveLine(socket)) as NetworkRequest;
  switch (request.kind) {
    case 'watch':
      answer(socket, { ok: true });
      socket.resume();
      return;
    case 'enter': {
      const backend = await entrances.enter(request.key, request.client);
      answer(socket, { ok: true });
      joinSockets(socket, backend);
      return;
    }
    case 'entrances':
      answer(socket, { ok: true });
      for await (const line of createInterface(socket)) {
        const problems = await entrances.change(JSON.parse(line) as EntranceChange);
        const told: EntrancesAnswer = { problems };
        socket.write(`${JSON.stringify(told)}\n`);
      }
      socket.end();
  }
}

function answer(socket: Socket, value: ShimAnswer): void {
  socket.write(`${JSON.stringify(value)}\n`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
