/**
 * Holds the namespaces of a pod and keeps its containers: their logs, their exit codes, the ways into them. A
 * program of its own, which outlives the agent; it runs in the folder of its pod. It imports nothing of other
 * packages, so that it stays small.
 */
import { createWriteStream } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { type Socket, connect, createServer } from 'node:net';
import { ContainerProcess } from './container-process.ts';
import { joinSockets } from './join-sockets.ts';
import { receiveLine } from './receive-line.ts';
import {
  type ContainerState,
  type ShimAnswer,
  type ShimBegun,
  type ShimPlan,
  type ShimReady,
  type ShimRequest,
  shimArgument,
  shimFiles,
} from './shim-protocol.ts';
import { setUpPod } from './set-up-pod.ts';

const containers = new Map<string, ContainerProcess>();
const watchers = new Set<Socket>();

// Whoever looks at all modules of the package starts nothing.
if (process.argv[2] === shimArgument) await run();

async function run(): Promise<void> {
  const plan = JSON.parse(await readFile(shimFiles.plan, 'utf8')) as ShimPlan;
  const said = createWriteStream('', { fd: 3 });
  try {
    const begun: ShimBegun = { pid: process.pid };
    said.write(`${JSON.stringify(begun)}\n`);
    await receiveLine(process.stdin as Socket);
    const { firstPid } = await setUpPod(plan);
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => socket.destroy());
      void serve(socket).catch((error: unknown) => {
        answer(socket, { ok: false, message: messageOf(error) });
        socket.end();
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(shimFiles.socket, resolve);
    });
    await chmod(shimFiles.socket, 0o600);
    const ready: ShimReady = {
      pid: process.pid,
      ...(firstPid === undefined ? {} : { firstPid }),
    };
    said.end(`${JSON.stringify(ready)}\n`);
  } catch (error) {
    said.end(`${messageOf(error)}\n`, () => process.exit(1));
  }
}

async function serve(socket: Socket): Promise<void> {
  const request = JSON.parse(await receiveLine(socket)) as ShimRequest;
  switch (request.kind) {
    case 'start': {
      const { launch } = request;
      const container = await ContainerProcess.start(launch, { tell, now: Date.now });
      containers.set(launch.id, container);
      const failure = await container.begun;
      if (failure !== undefined) {
        await container.ended;
        throw new Error(failure);
      }
      finish(socket);
      return;
    }
    case 'reopen-log':
      await find(request.id).reopenLog();
      finish(socket);
      return;
    case 'attach': {
      const container = find(request.id);
      answer(socket, { ok: true });
      container.attach(socket, request.stream);
      return;
    }
    case 'port':
      await connectPort(socket, request);
      return;
    case 'watch':
      answer(socket, { ok: true });
      watchers.add(socket);
      socket.once('close', () => watchers.delete(socket)).resume();
      for (const { state } of containers.values()) socket.write(`${JSON.stringify(state)}\n`);
      return;
    case 'end':
      for (const container of containers.values()) {
        if (container.state.state !== 'exited') container.kill();
      }
      await Promise.all([...containers.values()].map(({ ended }) => ended));
      answer(socket, { ok: true });
      socket.end(() => process.exit(0));
  }
}

function find(id: string): ContainerProcess {
  const container = containers.get(id);
  if (container === undefined) throw new Error(`container ${id} does not run`);
  return container;
}

function tell(state: ContainerState): void {
  for (const watcher of watchers) watcher.write(`${JSON.stringify(state)}\n`);
}

async function connectPort(
  socket: Socket,
  { port, host = '127.0.0.1' }: { readonly port: number; readonly host?: string },
): Promise<void> {
  const inner = connect({ host, port, allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => {
    inner.once('connect', resolve).once('error', (error: NodeJS.ErrnoException) => {
      const isRefused = error.code === 'ECONNREFUSED';
      reject(isRefused ? new Error(`nobody listens on port ${port}: connection refused`) : error);
    });
  });
  answer(socket, { ok: true });
  joinSockets(socket, inner);
}

function finish(socket: Socket): void {
  answer(socket, { ok: true });
  socket.end();
}

function answer(socket: Socket, value: ShimAnswer): void {
  socket.write(`${JSON.stringify(value)}\n`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
