/**
 * Holds the network that the pods of a node are in, leads out of it what is to be led out, and is the addresses of
 * services in it. A program of its own, which outlives the agent; it runs in the folder of the network. It imports
 * nothing of other packages, so that it stays small.
 */
import { readFile } from 'node:fs/promises';
import { type Socket, connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { joinSockets } from '../join-sockets.ts';
import { agree, serveRequests } from '../socket-requests.ts';
import { runStarted } from '../started-program.ts';
import { placeOf } from './backend-choice.ts';
import { openDatagramPort } from './datagram-port.ts';
import { DatagramRelay } from './datagram-relay.ts';
import { type Door, type NetworkPlan, type ProgramReady, networkFiles } from './network-plan.ts';
import type { EntranceChange, EntrancesAnswer, NetworkRequest } from './service-entrance.ts';
import { ServiceEntrances } from './service-entrances.ts';
import { setUpNetwork } from './set-up-network.ts';

const sweepEveryMs = 10_000;

await runStarted(process, async (say) => {
  const plan = JSON.parse(await readFile(networkFiles.plan, 'utf8')) as NetworkPlan;
  await setUpNetwork(plan);
  const relays = new Map<string, DatagramRelay>();
  for (const door of plan.doors) {
    await openDoor(door);
    if (door.datagramPath === undefined) continue;
    const relay = new DatagramRelay(door.datagramPath);
    await openDatagramPort(door, (message, _from, reply) => relay.ask(message, reply));
    relays.set(placeOf(door), relay);
  }
  const entrances = new ServiceEntrances({ now: Date.now, random: Math.random, relays });
  setInterval(() => entrances.sweep(), sweepEveryMs).unref();
  await serveRequests<NetworkRequest>('.', networkFiles.socket, (socket, request) =>
    serve(socket, request, entrances),
  );
  say({ pid: process.pid } satisfies ProgramReady);
});

async function openDoor({ address, port, socketPath }: Door): Promise<void> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (inner) => {
    joinSockets(inner, connect({ path: socketPath, allowHalfOpen: true }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, address, resolve);
  });
}

async function serve(
  socket: Socket,
  request: NetworkRequest,
  entrances: ServiceEntrances,
): Promise<void> {
  switch (request.kind) {
    case 'watch':
      agree(socket);
      socket.resume();
      return;
    case 'enter': {
      const backend = await entrances.enter(request.key, request.client);
      agree(socket);
      joinSockets(socket, backend);
      return;
    }
    case 'entrances':
      agree(socket);
      for await (const line of createInterface(socket)) {
        const problems = await entrances.change(JSON.parse(line) as EntranceChange);
        const told: EntrancesAnswer = { problems };
        socket.write(`${JSON.stringify(told)}\n`);
      }
      socket.end();
  }
}
