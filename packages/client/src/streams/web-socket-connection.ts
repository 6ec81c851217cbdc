import type { Clock, Random } from '@fairway/host';
import {
  WebSocketDecoder,
  WebSocketError,
  type WebSocketEvent,
  encodeCloseReason,
  encodeWebSocketFrame,
} from '@fairway/protocol/streams';
import { ConnectionError } from '../transport/connection-error.ts';
import type { BytePipe } from './upgraded-stream.ts';
import { Keepalive, silenceMs } from './keepalive.ts';

/** Servers of Kubernetes send pieces of 32 KiB. */
const messageBytesMax = 4 * 1024 * 1024;

/** The client's side of a WebSocket connection whose upgrade is done. Source: RFC 6455. */
export class WebSocketConnection {
  readonly #pipe: BytePipe;
  readonly #random: Random;
  readonly #subject: string;
  readonly #keepalive: Keepalive;
  readonly #decoder = new WebSocketDecoder({ isMasked: false, messageBytesMax });
  #silence: ConnectionError | undefined;
  #isAnswering = false;

  constructor(
    pipe: BytePipe,
    options: {
      readonly clock: Clock;
      readonly random: Random;
      readonly pingIntervalMs: number;
      readonly subject: string;
    },
  ) {
    this.#pipe = pipe;
    this.#random = options.random;
    this.#subject = options.subject;
    this.#keepalive = new Keepalive({
      clock: options.clock,
      intervalMs: options.pingIntervalMs,
      silenceMs,
      ping: () => this.#sendQuietly('ping', new Uint8Array()),
      onSilence: () => {
        const message = `${this.#subject}: the server was silent for ${silenceMs} ms`;
        this.#silence = new ConnectionError({ problem: 'timeout', message });
        pipe.destroy();
      },
    });
  }

  /**
   * What the server sends, message by message; to be read once. Ends when the server closes.
   *
   * Errors: `ConnectionError` when it is cut without a word; `WebSocketError`.
   */
  async *messages(): AsyncGenerator<Uint8Array, undefined> {
    try {
      for await (const chunk of this.#pipe.incoming) {
        this.#keepalive.heard();
        for (const event of await this.#decode(chunk)) {
          if (event.kind === 'close') return await this.#answerClose(event);
          if (event.kind === 'ping') this.#answerPing(event.payload);
          if (event.kind !== 'text' && event.kind !== 'binary') continue;
          this.#keepalive.pause();
          yield event.payload;
          this.#keepalive.resume();
        }
      }
      throw new ConnectionError({
        problem: 'reset',
        message: `${this.#subject}: the connection was cut`,
      });
    } catch (error) {
      throw this.#silence ?? error;
    } finally {
      this.destroy();
    }
  }

  // Leaving the loop over the chunks lets go of the connection, so the reason is told before.
  async #decode(chunk: Uint8Array): Promise<readonly WebSocketEvent[]> {
    try {
      return this.#decoder.push(chunk);
    } catch (error) {
      if (error instanceof WebSocketError) {
        const reason = encodeCloseReason(error.closeCode);
        await this.#send('close', reason).catch(() => {});
      }
      throw error;
    }
  }

  /** Sends a binary message, as soon as the connection takes it. */
  async send(payload: Uint8Array): Promise<void> {
    await this.#send('binary', payload);
  }

  /** Says goodbye; the server's answer ends `messages`. */
  async close(): Promise<void> {
    await this.#send('close', encodeCloseReason(1000));
  }

  /** Lets go of the connection, at once. */
  destroy(): void {
    this.#keepalive.stop();
    this.#pipe.destroy();
  }

  #send(kind: 'binary' | 'close' | 'ping' | 'pong', payload: Uint8Array): Promise<void> {
    const mask = this.#random.bytes(4);
    return this.#pipe.write(encodeWebSocketFrame({ kind, payload, mask }));
  }

  // One answer at a time is enough: RFC 6455 §5.5.3.
  #answerPing(payload: Uint8Array): void {
    if (this.#isAnswering) return;
    this.#isAnswering = true;
    void this.#send('pong', payload)
      .catch(() => {}) // Reading tells what happened.
      .finally(() => (this.#isAnswering = false));
  }

  #sendQuietly(kind: 'ping', payload: Uint8Array): void {
    void this.#send(kind, payload).catch(() => {}); // Reading tells what happened.
  }

  async #answerClose(event: Extract<WebSocketEvent, { kind: 'close' }>): Promise<undefined> {
    const isError = event.code !== 1000 && event.code !== 1005;
    await this.#send('close', encodeCloseReason(1000)).catch(() => {});
    if (!isError) return;
    const why = event.reason === '' ? `code ${event.code}` : event.reason;
    const message = `${this.#subject}: the server closed the connection: ${why}`;
    throw new ConnectionError({ problem: 'closed', message });
  }
}
