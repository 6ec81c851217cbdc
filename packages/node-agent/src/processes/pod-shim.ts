/**
 * Holds the namespaces of a pod and keeps its containers: their logs, their exit codes, the ways into them. A
 * program of its own, which outlives the agent; it runs in the folder of its pod. It imports nothing of other
 * packages, so that it stays small.
 */
import { readFile } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { ContainerProcess } from './container-process.ts';
import { joinSockets } from './join-sockets.ts';
import { receiveLine } from './receive-line.ts';
import {
  type ContainerState,
  type ShimBegun,
  type ShimPlan,
  type ShimReady,
  type ShimRequest,
  shimFiles,
} from './shim-protocol.ts';
import { setUpPod } from './set-up-pod.ts';
import { agree, serveRequests } from './socket-requests.ts';
import { runStarted } from './started-program.ts';

const containers = new Map<string, ContainerProcess>();
const watchers = new Set<Socket>();

await runStarted(process, async (say) => {
  const plan = JSON.parse(await readFile(shimFiles.plan, 'utf8')) as ShimPlan;
  say({ pid: process.pid } satisfies ShimBegun);
  await receiveLine(process.stdin as Socket);
  const { firstPid } = await setUpPod(plan);
  await serveRequests('.', shimFiles.socket, serve);
  const ready: ShimReady = {
    pid: process.pid,
    ...(firstPid === undefined ? {} : { firstPid }),
  };
  say(ready);
});

async function serve(socket: Socket, request: ShimRequest): Promise<void> {
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
      agree(socket);
      container.attach(socket, request.stream);
      return;
    }
    case 'port':
      await connectPort(socket, request);
      return;
    case 'watch':
      agree(socket);
      watchers.add(socket);
      socket.once('close', () => watchers.delete(socket)).resume();
      for (const { state } of containers.values()) socket.write(`${JSON.stringify(state)}\n`);
      return;
    case 'end':
      for (const container of containers.values()) {
        if (container.state.state !== 'exited') container.kill();
      }
      await Promise.all([...containers.values()].map(({ ended }) => ended));
      agree(socket);
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
  agree(socket);
  joinSockets(socket, inner);
}

function finish(socket: Socket): void {
  agree(socket);
  socket.end();
}
