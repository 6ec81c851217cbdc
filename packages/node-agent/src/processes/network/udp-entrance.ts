import { type RemoteInfo, type Socket, createSocket } from 'node:dgram';
import { placeOf } from './backend-choice.ts';
import type { DatagramRelay } from './datagram-relay.ts';
import type { HeldEntrance, OpenEntrance } from './held-entrance.ts';
import type { EntranceBackend, ServiceEntrance } from './service-entrance.ts';

/** How long a client may be silent before it is a new one. Source: Linux, `nf_conntrack_udp_timeout_stream`. */
const idleMs = 120_000;
/** Clients of one entrance at the same time; the one that came least recently is forgotten. */
const flowsMax = 2_048;

export interface UdpDoors {
  readonly now: () => number;
  /** Those that lead out of the network, by their places. */
  readonly relays: ReadonlyMap<string, DatagramRelay>;
}

/** What a client sends goes to one backend, and what that one sends back to the client. */
interface Flow {
  readonly backend: EntranceBackend;
  readonly send: (message: Buffer) => void;
  readonly close: () => void;
  readonly usedMs: number;
}

/** Takes datagrams at the address of a service. */
export async function openUdpEntrance(
  held: HeldEntrance,
  { address, port }: NonNullable<ServiceEntrance['place']>,
  doors: UdpDoors,
): Promise<OpenEntrance> {
  const socket = await bound(address, port);
  const flows = new UdpFlows(held, socket, doors);
  socket.on('message', (message, from) => flows.take(message, from));
  socket.on('error', () => {}); // Whoever was answered is gone.
  return {
    sweep: () => flows.sweep(),
    async [Symbol.asyncDispose]() {
      flows.close();
      await new Promise<void>((resolve) => socket.close(resolve));
    },
  };
}

async function bound(address: string, port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  return socket;
}

class UdpFlows {
  readonly #held: HeldEntrance;
  readonly #socket: Socket;
  readonly #doors: UdpDoors;
  readonly #flows = new Map<string, Flow>();
  #isClosed = false;

  constructor(held: HeldEntrance, socket: Socket, doors: UdpDoors) {
    this.#held = held;
    this.#socket = socket;
    this.#doors = doors;
  }

  take(message: Buffer, from: RemoteInfo): void {
    // Nobody has this port, and Node.js throws at it.
    if (from.port === 0) return;
    const client = `${from.address} ${from.port}`;
    const before = this.#flows.get(client);
    const flow = before ?? this.#open(from);
    if (flow === undefined) return;
    this.#flows.delete(client);
    this.#flows.set(client, { ...flow, usedMs: this.#doors.now() });
    for (const [oldest, { close }] of this.#flows) {
      if (this.#flows.size <= flowsMax) break;
      this.#flows.delete(oldest);
      close();
    }
    flow.send(message);
  }

  sweep(): void {
    const places = new Set(this.#held.now.backends.map(placeOf));
    for (const [client, { backend, usedMs, close }] of this.#flows) {
      if (places.has(placeOf(backend)) && this.#doors.now() - usedMs < idleMs) continue;
      this.#flows.delete(client);
      close();
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const { close } of this.#flows.values()) close();
    this.#flows.clear();
  }

  #open(from: RemoteInfo): Flow | undefined {
    const backend = this.#held.choice.choose(this.#held.now, from.address);
    if (backend === undefined) return undefined;
    const reply = (answer: Buffer): void => {
      if (!this.#isClosed) this.#socket.send(answer, from.port, from.address, () => {});
    };
    const relay = this.#doors.relays.get(placeOf(backend));
    const usedMs = this.#doors.now();
    if (relay !== undefined) {
      return { backend, usedMs, send: (message) => relay.ask(message, reply), close() {} };
    }
    const { address, port } = backend;
    const outer = createSocket('udp4');
    outer.on('error', () => {}); // As any datagram may get lost.
    outer.on('message', (answer, { address: who, port: where }) => {
      if (who === address && where === port) reply(answer);
    });
    const send = (message: Buffer): void => outer.send(message, port, address, () => {});
    return { backend, usedMs, send, close: () => void outer.close() };
  }
}
