import {
  type StreamAddress,
  type RemoteProcess,
  openPorts,
  openProcess,
} from '@fairway/client/streams';
import { explicitTarget } from '@fairway/client';
import { type Transport, buildTransport } from '@fairway/client/connect';
import type { Clock, Random } from '@fairway/host';
import { byteStreamOf } from '@fairway/protocol/nodejs';
import type { ProcessStreams, ServedProcess } from '@fairway/protocol/pods';
import { RuntimeError } from '../runtime/runtime-error.ts';
import type { RuntimeStreams } from '../runtime/runtime-streams.ts';
import type { CriClient } from './cri-client.ts';
import { EndedCommands, type WatchedCommand } from './ended-commands.ts';

/** A runtime that has ended a command itself answers within this. */
const timeoutSlackMs = 10_000;

/**
 * Ways into the containers of a runtime behind CRI, which answers an address for each of them. That of
 * containerd is served over SPDY on loopback, good for one use.
 */
export class CriStreams implements RuntimeStreams {
  readonly #client: CriClient;
  readonly #machine: { readonly clock: Clock; readonly random: Random };
  readonly #ended: EndedCommands;
  #server: { readonly origin: string; readonly transport: Transport } | undefined;

  constructor(client: CriClient, machine: { readonly clock: Clock; readonly random: Random }) {
    this.#client = client;
    this.#machine = machine;
    this.#ended = new EndedCommands(client.connection, machine.clock);
  }

  execToEnd: RuntimeStreams['execToEnd'] = async (containerId, command, options) => {
    const { timeoutMs, outputBytesMax } = options;
    const request = { containerId, cmd: command, timeout: Math.ceil(timeoutMs / 1_000) };
    const answer = await this.#client.call('ExecSync', request, {
      timeoutMs: timeoutMs + timeoutSlackMs,
    });
    const bytes = (text = ''): Uint8Array =>
      Buffer.from(text, 'base64').subarray(0, outputBytesMax);
    return {
      exitCode: answer.exitCode ?? 0,
      stdout: bytes(answer.stdout),
      stderr: bytes(answer.stderr),
    };
  };

  exec: RuntimeStreams['exec'] = (containerId, line, streams) => async (caller) => {
    const request = { containerId, cmd: line, ...wanted(streams) };
    const { url } = await this.#client.call('Exec', request);
    if (!streams.stdin) return await this.#run(url, streams, { caller });
    using command = this.#ended.watch(containerId);
    return await this.#run(url, streams, { caller, command });
  };

  attach: RuntimeStreams['attach'] = (containerId, streams) => async (caller) => {
    const { url } = await this.#client.call('Attach', { containerId, ...wanted(streams) });
    return await this.#run(url, streams, { caller });
  };

  connectPort: RuntimeStreams['connectPort'] = async (podSandboxId, port) => {
    const { url } = await this.#client.call('PortForward', { podSandboxId, port: [port] });
    const ports = await openPorts(this.#addressOf(url, new AbortController().signal));
    try {
      const duplex = await ports.connect(port);
      duplex.once('close', () => void ports.close());
      return byteStreamOf(duplex);
    } catch (error) {
      await ports.close();
      throw error;
    }
  };

  async close(): Promise<void> {
    this.#ended.close();
    await this.#server?.transport.close();
  }

  async #run(url: string | undefined, streams: ProcessStreams, served: Served): Promise<number> {
    const address = this.#addressOf(url, served.caller.signal);
    await using process = await openProcess(address, streams);
    return await carry(process, served);
  }

  #addressOf(url: string | undefined, signal: AbortSignal): StreamAddress {
    const { protocol, origin, pathname, search } = new URL(url ?? '');
    if (protocol !== 'http:') {
      const why = `the container runtime serves its streams at ${protocol}//`;
      throw new RuntimeError('unsupported', `${why}; configure it to serve them without TLS`);
    }
    if (this.#server?.origin !== origin) {
      const target = explicitTarget(this.#machine.clock, { server: origin });
      this.#server = { origin, transport: buildTransport(target, this.#machine) };
    }
    const { upgrade } = this.#server.transport;
    const where = { path: pathname, query: search.slice(1), subject: 'the container runtime' };
    return { ...where, upgrade, clock: this.#machine.clock, signal };
  }
}

interface Served {
  readonly caller: ServedProcess;
  /** Absent when it takes no input. */
  readonly command?: WatchedCommand;
}

/** A terminal has one output only. */
function wanted({ stdin, stdout, stderr, tty }: ProcessStreams): ProcessStreams {
  return { stdin, stdout, stderr: stderr && !tty, tty };
}

/** Hands everything on in both directions until the process has ended. Answers its exit code. */
async function carry(process: RemoteProcess, { caller, command }: Served): Promise<number> {
  const outputs = Promise.all([
    copy(process.stdout, (bytes) => caller.stdout(bytes)),
    copy(process.stderr, (bytes) => caller.stderr(bytes)),
  ]);
  // Nobody takes what the process says any more.
  outputs.catch(() => process.close());
  void outputs.then(() => command?.outputsOver()).catch(() => {});
  void sendInput(process, caller).catch(() => {}); // Those who read are told why it ends.
  void sendSizes(process, caller).catch(() => {});
  const { code } = await process.exited;
  await outputs.catch(() => {});
  return code;
}

async function copy(
  from: AsyncIterable<Uint8Array>,
  to: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  for await (const bytes of from) await to(bytes);
}

async function sendInput({ stdin }: RemoteProcess, caller: ServedProcess): Promise<void> {
  await copy(caller.stdin, (bytes) => stdin.write(bytes));
  await stdin.end();
}

async function sendSizes(process: RemoteProcess, caller: ServedProcess): Promise<void> {
  for await (const size of caller.sizes) await process.resize(size);
}
