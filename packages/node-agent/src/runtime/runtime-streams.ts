import type { Duplex } from 'node:stream';
import type { ByteStream } from '@fairway/protocol';
import type { ProcessStreams, Program } from '@fairway/protocol/pods';

/** Ways into containers that run. */
export interface RuntimeStreams {
  /** Runs a command in a container to its end, or ends it after its time (`RuntimeError`, `timeout`). */
  execToEnd(
    containerId: string,
    command: readonly string[],
    options: { readonly timeoutMs: number; readonly outputBytesMax: number },
  ): Promise<ExecOutcome>;
  /** A command in a container, with the streams of whoever asks for it. */
  exec(containerId: string, command: readonly string[], streams: ProcessStreams): Program;
  /** The streams of what a container runs anyway; the program ends when the container or its caller does. */
  attach(containerId: string, streams: ProcessStreams): Program;
  /** A connection to a port of the pod, from inside its network. */
  connectPort(sandboxId: string, port: number): Promise<ByteStream>;
  /**
   * A connection as an agent makes it to try a container: to the address of its pod, or to another one. Absent
   * where the machine reaches its pods by itself. Errors: as those of a socket.
   */
  reach?(containerId: string, place: Place): Promise<Duplex>;
}

export interface Place {
  readonly host: string;
  readonly port: number;
}

export interface ExecOutcome {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}
