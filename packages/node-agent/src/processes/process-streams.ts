import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '@fairway/host';
import { byteStreamOf } from '@fairway/protocol/nodejs';
import type { ProcessStreams, ServedProcess } from '@fairway/protocol/pods';
import { RuntimeError } from '../runtime/runtime-error.ts';
import { reachDirectly } from '../runtime/reach-directly.ts';
import type { Place, RuntimeStreams } from '../runtime/runtime-streams.ts';
import { runningAs, saidApart } from './container-launch.ts';
import { EnteredCommand, resizeTerminal } from './entered-command.ts';
import type { HeldContainer, HeldSandbox } from './held-pod.ts';
import type { HostUser } from './host-users.ts';
import { userNamespace } from './process-host.ts';
import type { ShimClient } from './shim-client.ts';

export interface StreamParts {
  readonly clock: Clock;
  readonly isRoot: boolean;
  readonly users: readonly HostUser[];
  /** Errors: `RuntimeError`, `not-found`. */
  readonly running: (containerId: string) => {
    readonly container: HeldContainer;
    readonly sandbox: HeldSandbox;
    readonly shim: ShimClient;
  };
  readonly shimOf: (sandboxId: string) => ShimClient;
}

/** Ways into containers that are processes: by their namespaces, and by the shims of their pods. */
export function processStreams(parts: StreamParts): RuntimeStreams {
  const enter = (
    containerId: string,
    command: readonly string[],
    streams: { readonly stdin: boolean; readonly tty: boolean },
  ): EnteredCommand => enterContainer(parts, containerId, { command, ...streams });
  return {
    async execToEnd(containerId, command, { timeoutMs, outputBytesMax }) {
      const entered = enter(containerId, command, { stdin: false, tty: false });
      let isLate = false;
      const timer = parts.clock.schedule(timeoutMs, () => {
        isLate = true;
        entered.kill();
      });
      try {
        const outputs = [entered.stdout, entered.stderr].map((each) =>
          firstOf(each, outputBytesMax),
        );
        const [exitCode, stdout, stderr] = await Promise.all([entered.ended, ...outputs]);
        if (!isLate) return { exitCode, stdout: stdout ?? noBytes, stderr: stderr ?? noBytes };
      } finally {
        timer.cancel();
      }
      const line = JSON.stringify(command.join(' '));
      throw new RuntimeError('timeout', `command ${line} timed out`);
    },
    exec: (containerId, command, streams) => async (caller) => {
      const entered = enter(containerId, command, streams);
      return await carry(caller, {
        stdout: entered.stdout,
        stderr: entered.stderr,
        write: (bytes) => writeTo(entered.stdin, bytes),
        end: () => void entered.stdin?.end(),
        resize: (size) => entered.resize(size),
        cut: () => entered.kill(),
        exitCode: () => entered.ended,
      });
    },
    attach: (containerId, streams) => (caller) => attach(parts, { containerId, streams, caller }),
    async connectPort(sandboxId, port) {
      return byteStreamOf(await parts.shimOf(sandboxId).stream({ kind: 'port', port }));
    },
    async reach(containerId, place) {
      const { sandbox, shim } = parts.running(containerId);
      if (sandbox.kept.address !== place.host) return await reachDirectly(place);
      try {
        return await shim.stream({ kind: 'port', ...place });
      } catch (error) {
        throw refusedAt(place, error);
      }
    },
  };
}

/** As a socket of this machine would say it. */
function refusedAt({ host, port }: Place, error: unknown): unknown {
  if (!(error instanceof RuntimeError && error.message.includes('refused'))) return error;
  const refusal = new Error(`connect ECONNREFUSED ${host}:${port}`, { cause: error });
  return Object.assign(refusal, { code: 'ECONNREFUSED', address: host, port });
}

const noBytes = new Uint8Array();

function enterContainer(
  { running, isRoot, users }: StreamParts,
  containerId: string,
  wanted: { readonly command: readonly string[]; readonly stdin: boolean; readonly tty: boolean },
): EnteredCommand {
  const { container, sandbox } = running(containerId);
  const { config } = sandbox.kept;
  const { network, ipc, pid } = config.namespaces;
  const context = { sandbox: config, users, isRoot };
  const program = runningAs({ ...container.kept.config, tty: wanted.tty }, wanted.command, context);
  const { stdin, tty } = wanted;
  return new EnteredCommand({
    command: [
      ...saidApart,
      'nsenter',
      `--target=${container.state.pid ?? 0}`,
      '--mount',
      ...(isRoot ? [] : [userNamespace[0] ?? '', '--preserve-credentials']),
      ...(network === 'pod' ? ['--net'] : []),
      ...(ipc === 'pod' ? ['--ipc'] : []),
      ...(pid === 'node' ? [] : ['--pid']),
      ...(config.hostname ? ['--uts'] : []),
      '--',
      ...program.command,
    ],
    environment: program.environment,
    stdin,
    tty,
  });
}

async function attach(
  { running }: StreamParts,
  of: {
    readonly containerId: string;
    readonly streams: ProcessStreams;
    readonly caller: ServedProcess;
  },
): Promise<number> {
  const { containerId: id, streams, caller } = of;
  const { container, shim } = running(id);
  const open = (stream: 'stdin' | 'stdout' | 'stderr'): Promise<Socket> =>
    shim.stream({ kind: 'attach', id, stream });
  const [stdout, stderr] = [await open('stdout'), await open('stderr')];
  const stdin = streams.stdin ? await open('stdin') : undefined;
  stdin?.on('error', () => {}); // It has ended, as those who read are told.
  const code = await carry(caller, {
    stdout,
    stderr,
    write: (bytes) => writeTo(stdin, bytes),
    end: () => void stdin?.end(),
    async resize(size) {
      const { terminal } = container.state;
      if (terminal !== undefined) await resizeTerminal(terminal, size);
    },
    cut: () => [stdout, stderr, stdin].forEach((each) => each?.destroy()),
    exitCode: async () => container.state.exitCode ?? 0,
  });
  stdin?.destroy();
  return code;
}

interface Carried {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly write: (bytes: Uint8Array) => Promise<void>;
  readonly end: () => void;
  readonly resize: (size: { readonly width: number; readonly height: number }) => Promise<void>;
  /** The caller has gone. */
  readonly cut: () => void;
  readonly exitCode: () => Promise<number>;
}

/** Hands everything on in both directions until the outputs end. */
async function carry(caller: ServedProcess, carried: Carried): Promise<number> {
  const { stdout, stderr, cut } = carried;
  caller.signal.addEventListener('abort', cut, { once: true });
  if (caller.signal.aborted) cut();
  void sendInput(caller, carried).catch(() => {}); // Those who read are told why it ends.
  void sendSizes(caller, carried).catch(() => {});
  try {
    await Promise.all([
      copy(stdout, (bytes) => caller.stdout(bytes)),
      copy(stderr, (bytes) => caller.stderr(bytes)),
    ]);
    const code = await carried.exitCode();
    caller.signal.throwIfAborted();
    return code;
  } catch (error) {
    cut();
    caller.signal.throwIfAborted();
    throw error;
  } finally {
    caller.signal.removeEventListener('abort', cut);
  }
}

async function copy(
  from: AsyncIterable<Uint8Array>,
  to: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  for await (const bytes of from) await to(bytes);
}

async function sendInput({ stdin }: ServedProcess, { write, end }: Carried): Promise<void> {
  for await (const bytes of stdin) await write(bytes);
  end();
}

async function sendSizes({ sizes }: ServedProcess, { resize }: Carried): Promise<void> {
  for await (const size of sizes) await resize(size);
}

/** Resolves when there is room for more. Rejects when nobody reads any more. */
async function writeTo(stream: Writable | null | undefined, bytes: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    if (!stream?.writable) return reject(new Error('nobody reads the input any more'));
    stream.write(bytes, (failure) => (failure ? reject(failure) : resolve()));
  });
}

/** What comes after the bound is read and forgotten, so that the command is not held up. */
async function firstOf(from: AsyncIterable<Uint8Array>, bytesMax: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let room = bytesMax;
  for await (const bytes of from) {
    if (room > 0) parts.push(bytes.subarray(0, room));
    room -= bytes.length;
  }
  return Buffer.concat(parts);
}
