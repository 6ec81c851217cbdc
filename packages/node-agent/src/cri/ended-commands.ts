import type { Clock, Timer } from '@fairway/host';
import { encodeProtobufMessage } from '@fairway/protocol';
import type { GrpcConnection } from '../grpc/grpc-connection.ts';
import { containerdEvents } from './containerd-events.ts';
import { containerdTable } from './containerd-messages.ts';

/** A command that takes input, for as long as somebody waits for its end. */
export interface WatchedCommand extends Disposable {
  /** Nothing more comes of it: it has ended, unless it has closed its outputs only. */
  outputsOver(): void;
}

interface Watched {
  hasOutput: boolean;
  timer: Timer | undefined;
}

/** The usual end of a command is told within this after the last of its outputs. */
const untoldMs = 300;
const callTimeoutMs = 10_000;

/**
 * Sees to it that the end of a command is told which has not read all of its input. containerd (1.6 to 2.1) tells
 * it when the input has gone through, and what nobody reads any more never does: its shim keeps the pipe of a
 * process that has ended. Once the shim is told to forget the process, containerd goes on, and tells how it ended.
 */
export class EndedCommands {
  readonly #connection: GrpcConnection;
  readonly #clock: Clock;
  readonly #watched = new Map<string, Set<Watched>>();
  /** By container: commands that have ended since somebody has watched one there. */
  readonly #ended = new Map<string, Set<string>>();
  #following: AbortController | undefined;

  constructor(connection: GrpcConnection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  /** To be called before the command starts. */
  watch(containerId: string): WatchedCommand {
    if (this.#following === undefined) void this.#follow();
    const own: Watched = { hasOutput: true, timer: undefined };
    const all = this.#watched.get(containerId) ?? new Set();
    this.#watched.set(containerId, all.add(own));
    return {
      outputsOver: () => {
        own.hasOutput = false;
        this.#forgetLater(containerId, own);
      },
      [Symbol.dispose]: () => {
        own.timer?.cancel();
        all.delete(own);
        if (all.size > 0) return;
        this.#watched.delete(containerId);
        this.#ended.delete(containerId);
      },
    };
  }

  close(): void {
    this.#following?.abort();
  }

  async #follow(): Promise<void> {
    const following = new AbortController();
    this.#following = following;
    try {
      const events = containerdEvents(this.#connection, 'exit', following.signal);
      for await (const { containerId, processId } of events) {
        if (processId === containerId || !this.#watched.has(containerId)) continue;
        const ended = this.#ended.get(containerId) ?? new Set();
        this.#ended.set(containerId, ended.add(processId));
      }
    } catch {
      // Another runtime has no such events, and containerd may be away: the next command asks again.
    }
    this.#following = undefined;
  }

  #forgetLater(containerId: string, own: Watched): void {
    own.timer = this.#clock.schedule(untoldMs, () => {
      const all = this.#watched.get(containerId);
      if (all?.has(own) !== true) return;
      this.#forgetLater(containerId, own);
      // One of the ended may be a command whose output is still on its way: it would be cut off.
      if ([...all].some(({ hasOutput }) => hasOutput)) return;
      for (const processId of this.#ended.get(containerId) ?? []) {
        this.#ended.get(containerId)?.delete(processId);
        // Most are gone already, as it should be.
        void this.#forget(containerId, processId).catch(() => {});
      }
    });
  }

  async #forget(containerId: string, processId: string): Promise<void> {
    const name = 'containerd.DeleteProcessRequest';
    const request = encodeProtobufMessage(name, { containerId, processId }, containerdTable());
    await this.#connection.call('/containerd.services.tasks.v1.Tasks/DeleteProcess', request, {
      timeoutMs: callTimeoutMs,
      messageBytesMax: 1024 * 1024,
      metadata: { 'containerd-namespace': 'k8s.io' },
    });
  }
}
