import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { NodeServer } from './node-server.ts';

/** The open connections of a server, so that it can say goodbye to each in its own way. */
export class Connections {
  readonly #sockets = new Set<Socket>();
  /** Accepted, but not yet through their TLS handshake. */
  readonly #handshaking = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  #isClosing = false;

  get isClosing(): boolean {
    return this.#isClosing;
  }

  addSocket(socket: Socket, { isHandshaking }: { isHandshaking: boolean }): void {
    const group = isHandshaking ? this.#handshaking : this.#sockets;
    group.add(socket);
    socket.once('close', () => group.delete(socket));
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
    for (const socket of this.#handshaking) socket.destroy();
    server.closeIdleConnections();
    return closed;
  }

  /** Cuts every connection that is left. */
  destroy(): void {
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
    for (const socket of this.#handshaking) socket.destroy();
  }
}
