import { type RemoteInfo, createSocket } from 'node:dgram';
import { placeOf } from './backend-choice.ts';
import { type Reply, openDatagramPort } from './datagram-port.ts';
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
  place: NonNullable<ServiceEntrance['place']>,
  doors: UdpDoors,
): Promise<OpenEntrance> {
  const flows = new UdpFlows(held, doors);
  const port = await openDatagramPort(place, (message, from, reply) =>
    flows.take(message, from, reply),
  );
  return {
    sweep: () => flows.sweep(),
    async [Symbol.asyncDispose]() {
      flows.close();
      await port[Symbol.asyncDispose]();
    },
  };
}

class UdpFlows {
  readonly #held: HeldEntrance;
  readonly #doors: UdpDoors;
  readonly #flows = new Map<string, Flow>();

  constructor(held: HeldEntrance, doors: UdpDoors) {
    this.#held = held;
    this.#doors = doors;
  }

  take(message: Buffer, from: RemoteInfo, reply: Reply): void {
    const client = `${from.address} ${from.port}`;
    const before = this.#flows.get(client);
    const flow = before ?? this.#open(from.address, reply);
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
    for (const { close } of this.#flows.values()) close();
    this.#flows.clear();
  }

  #open(client: string, reply: Reply): Flow | undefined {
    const backend = this.#held.choice.choose(this.#held.now, client);
    if (backend === undefined) return undefined;
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
