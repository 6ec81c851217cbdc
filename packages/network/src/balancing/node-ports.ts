import { type Server, type Socket, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Logger, messageOf } from '@fairway/host';
import type { ServiceEntrance } from './service-entrances.ts';

/** The node ports of services, as ports of this machine. */
export class NodePorts {
  readonly #address: string;
  readonly #doors: { readonly enter: (key: string, client: string) => Promise<Duplex> };
  readonly #logger: Logger;
  readonly #servers = new Map<number, Server>();
  readonly #connections = new Set<Socket>();

  constructor(
    address: string,
    doors: { readonly enter: (key: string, client: string) => Promise<Duplex> },
    logger: Logger,
  ) {
    this.#address = address;
    this.#doors = doors;
    this.#logger = logger;
  }

  /** Listens at those of the entrances that have backends. Answers whether it could. */
  async keep(entrances: ReadonlyMap<string, ServiceEntrance>): Promise<boolean> {
    const wanted = new Map(
      [...entrances.values()].flatMap(({ key, nodePort, backends }) =>
        nodePort === undefined || backends.length === 0 ? [] : [[nodePort, key] as const],
      ),
    );
    for (const [port, server] of this.#servers) {
      if (wanted.has(port)) continue;
      this.#servers.delete(port);
      server.close();
    }
    const missing = [...wanted].filter(([port]) => !this.#servers.has(port));
    const opened = await Promise.all(missing.map(([port, key]) => this.#open(port, key)));
    return opened.every(Boolean);
  }

  /** What is connected ends. */
  async close(): Promise<void> {
    for (const server of this.#servers.values()) server.close();
    this.#servers.clear();
    for (const socket of this.#connections) socket.destroy();
  }

  async #open(port: number, key: string): Promise<boolean> {
    const server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true });
    server.on('connection', (client) => void this.#lead(client, key));
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen({ host: this.#address, port }, resolve);
      });
      this.#servers.set(port, server);
      return true;
    } catch (error) {
      const remedy = 'end what listens there, or give the service another node port';
      const fields = { address: this.#address, port, why: messageOf(error), remedy };
      this.#logger.warn('a node port is not to be had, which is tried again', fields);
      return false;
    }
  }

  async #lead(client: Socket, key: string): Promise<void> {
    this.#connections.add(client);
    client.on('error', () => client.destroy());
    client.once('close', () => this.#connections.delete(client));
    try {
      const backend = await this.#doors.enter(key, client.remoteAddress ?? '');
      backend.on('error', () => client.destroy()).on('close', () => client.destroySoon());
      client.on('close', () => backend.destroy());
      if (client.destroyed) backend.destroy();
      client.pipe(backend);
      backend.pipe(client);
    } catch {
      client.resetAndDestroy();
    }
  }
}
