import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { byteStreamOf } from '@fairway/protocol/nodejs';
import type { Program } from '@fairway/protocol/pods';
import type { ContainerRecord } from '../runtime/container.ts';
import type { PodRuntime, RuntimePod } from '../runtime/pod-runtime.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';
import type { ContainerUsage, FilesystemUsage } from '../runtime/usage.ts';

/** What a runtime holds, by hand. */
export interface HeldPods {
  pods: readonly RuntimePod[];
  usages: () => readonly ContainerUsage[];
  filesystems: readonly FilesystemUsage[];
}

export interface HandMadeRuntime extends PodRuntime {
  readonly held: HeldPods;
  /** Tells those who listen that something has changed. */
  change(): void;
}

/**
 * A runtime that holds what a test says. Commands in its containers are real ones of this machine, and so are
 * the ports of its pods. It starts and stops nothing.
 */
export function handMadeRuntime(start: Partial<HeldPods> = {}): HandMadeRuntime {
  const held: HeldPods = { pods: [], usages: () => [], filesystems: [], ...start };
  const listeners = new Set<() => void>();
  const find = (id: string): ContainerRecord | undefined =>
    held.pods.flatMap(({ containers }) => containers).find((each) => each.id === id);
  return {
    held,
    change() {
      for (const listener of listeners) listener();
    },
    version: 'handmade://1.0.0',
    problem: async () => undefined,
    listPods: async () => held.pods,
    containerRecord: async (id) => find(id),
    usage: async () => held.usages(),
    filesystems: async () => held.filesystems,
    onChange(listener) {
      const call = (): void => listener();
      listeners.add(call);
      return { [Symbol.dispose]: () => void listeners.delete(call) };
    },
    async execToEnd(_, [file = '', ...args]) {
      const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      const [stdout, stderr, [exitCode]] = await Promise.all([
        child.stdout.toArray(),
        child.stderr.toArray(),
        once(child, 'close') as Promise<[number]>,
      ]);
      return { exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) };
    },
    exec: (_, command) => runningCommand(command),
    attach: (_, { stdin }) => runningCommand(stdin ? ['cat'] : ['echo', 'attached']),
    async connectPort(_, port) {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      return byteStreamOf(socket);
    },
    ...changesNothing,
  };
}

function runningCommand([file = '', ...args]: readonly string[]): Program {
  return async ({ stdin, stdout, stderr, signal }) => {
    const child = spawn(file, args);
    signal.addEventListener('abort', () => void child.kill('SIGKILL'), { once: true });
    const closed = once(child, 'close') as Promise<[number]>;
    // A program may end before it has read all.
    void pipeline(stdin, child.stdin).catch(() => {});
    const copy = async (
      from: AsyncIterable<Uint8Array>,
      to: (bytes: Uint8Array) => Promise<void>,
    ): Promise<void> => {
      for await (const bytes of from) await to(bytes);
    };
    await Promise.all([copy(child.stdout, stdout), copy(child.stderr, stderr)]);
    const [code] = await closed;
    return code;
  };
}

const unsupported = async (): Promise<never> => {
  throw new RuntimeError('unsupported', 'a hand-made runtime changes nothing');
};

const changesNothing = {
  startSandbox: unsupported,
  stopSandbox: unsupported,
  removeSandbox: unsupported,
  createContainer: unsupported,
  startContainer: unsupported,
  stopContainer: unsupported,
  removeContainer: unsupported,
  resizeContainer: unsupported,
  reopenLog: unsupported,
};
