import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { NodeServer } from './node-server.ts';

/** The open connections of a server, so that each can be closed as its protocol wants. */
export class Connections {
  /** The accepted TCP connections; TLS connections on them end with them. */
  readonly #sockets = new Set<Socket>();
  /** HTTP/1.1 connections that have not asked anything yet; Node.js does not count them as idle. */
  readonly #silent = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  #isClosing = false;

  get isClosing(): boolean {
    return this.#isClosing;
  }

  get count(): number {
    return this.#sockets.size;
  }

  addSocket(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  addSilent(socket: Socket): void {
    if (this.#isClosing) return void socket.destroy();
    this.#silent.add(socket);
    socket.once('close', () => this.#silent.delete(socket));
  }

  markUsed(socket: Socket): void {
    this.#silent.delete(socket);
  }

  addSession(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.once('close', () => this.#sessions.delete(session));
    if (this.#isClosing) session.close();
  }

  /** Stops accepting, ends what is idle, announces the end to the rest; resolves when all are gone. */
  close(server: NodeServer): Promise<void> {
    this.#isClosing = true;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    for (const socket of this.#silent) socket.destroy();
    server.closeIdleConnections();
    return closed;
  }

  /** Cuts every connection that is left. */
  destroy(): void {
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }
}
