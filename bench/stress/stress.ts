import type { Random } from '@fairway/host';
import { type LoadRequest, type Session, requestText } from '../server/load/session.ts';
import type { Report } from './report.ts';
import type { StressedServer } from './stressed-server.ts';

/** What all who take part share. */
export interface Stress {
  readonly server: StressedServer;
  readonly report: Report;
  readonly random: Random;
  /** Aborts when the time is over. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Thrown when the server was killed under a request: nobody knows whether it was carried out. */
export class CutOffError extends Error {
  override readonly name = 'CutOffError';
}

/** One caller with a connection of its own, which it opens again after each kill. */
export class Caller implements AsyncDisposable {
  readonly #server: StressedServer;
  #session: Session | undefined;

  constructor(server: StressedServer) {
    this.#server = server;
  }

  /** Errors: `CutOffError`, and whatever else breaks a request. */
  async ask(request: LoadRequest): Promise<Answer> {
    const session = await this.session();
    const { generation } = this.#server;
    try {
      const answer = await requestText(session.http2, request);
      if (answer.status === 0) throw new Error(`${request.path} ended without an answer`);
      return answer;
    } catch (error) {
      await this.close();
      if (this.#server.isUp && this.#server.generation === generation) throw error;
      throw new CutOffError('the server was killed', { cause: error });
    }
  }

  async session(): Promise<Session> {
    if (this.#session?.http2.destroyed === true || this.#session?.http2.closed === true) {
      this.#session = undefined;
    }
    if (this.#session === undefined) {
      this.#session = await this.#server.connect();
      this.#session.http2.on('error', () => {});
    }
    return this.#session;
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session?.http2.destroyed === false) await session[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

export const configMaps = '/api/v1/namespaces/default/configmaps';
