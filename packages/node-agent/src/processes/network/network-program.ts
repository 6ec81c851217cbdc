/**
 * Holds the network that the pods of a node are in, and leads out of it what is to be led out. A program of its
 * own, which outlives the agent; it runs in the folder of the network. It imports nothing of other packages, so
 * that it stays small.
 */
import { createWriteStream } from 'node:fs';
import { chmod, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { joinSockets } from '../join-sockets.ts';
import { shimArgument } from '../shim-protocol.ts';
import { type Door, type NetworkPlan, type ProgramReady, networkFiles } from './network-plan.ts';
import { setUpNetwork } from './set-up-network.ts';

// Whoever looks at all modules of the package starts nothing.
if (process.argv[2] === shimArgument) await run();

async function run(): Promise<void> {
  const said = createWriteStream('', { fd: 3 });
  try {
    const plan = JSON.parse(await readFile(networkFiles.plan, 'utf8')) as NetworkPlan;
    await setUpNetwork(plan);
    await Promise.all(plan.doors.map(openDoor));
    await serveAgent();
    const ready: ProgramReady = { pid: process.pid };
    said.end(`${JSON.stringify(ready)}\n`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    said.end(`${message}\n`, () => process.exit(1));
  }
}

async function openDoor({ address, port, socketPath }: Door): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (inner) => {
    joinSockets(inner, connect({ path: socketPath, allowHalfOpen: true }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, address, resolve);
  });
}

/** Whoever is connected learns of the end of this program. */
async function serveAgent(): Promise<void> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy()).resume();
  });
  await rm(networkFiles.socket, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(networkFiles.socket, resolve);
  });
  await chmod(networkFiles.socket, 0o600);
}
