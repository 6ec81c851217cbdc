import type { ByteStream } from '../byte-stream.ts';
import { encodeCloseReason, encodeWebSocketFrame } from '../websocket/encode-websocket-frame.ts';
import { WebSocketDecoder, type WebSocketEvent } from '../websocket/websocket-decoder.ts';
import { WebSocketError } from '../websocket/websocket-error.ts';

/** Clients of Kubernetes send pieces of 32 KiB. */
const messageBytesMax = 1024 * 1024;

/** The server's side of a WebSocket connection whose upgrade is done. Source: RFC 6455. */
export class ServerWebSocket {
  readonly #stream: ByteStream;
  readonly #decoder = new WebSocketDecoder({ isMasked: true, messageBytesMax });
  #isAnswering = false;
  #isClosing = false;

  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  /** What the client sends, message by message, until it closes or is cut. Errors: `WebSocketError`. */
  async *messages(): AsyncGenerator<Uint8Array, undefined> {
    for await (const chunk of this.#stream.incoming) {
      for (const event of await this.#decode(chunk)) {
        if (event.kind === 'close') return await this.close();
        if (event.kind === 'ping') this.#answerPing(event.payload);
        if (event.kind === 'text' || event.kind === 'binary') yield event.payload;
      }
    }
  }

  async send(payload: Uint8Array, kind: 'binary' | 'text' = 'binary'): Promise<void> {
    await this.#stream.write(encodeWebSocketFrame({ kind, payload }));
  }

  /** Says goodbye, once, and ends the server's direction. Source: RFC 6455 §7.1.1. */
  async close(code = 1000): Promise<undefined> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    const payload = encodeCloseReason(code);
    // It may be gone already.
    await this.#stream.write(encodeWebSocketFrame({ kind: 'close', payload })).catch(() => {});
    await this.#stream.end();
  }

  // Leaving the loop over the chunks lets go of the stream, so the reason is told before.
  async #decode(chunk: Uint8Array): Promise<readonly WebSocketEvent[]> {
    try {
      return this.#decoder.push(chunk);
    } catch (error) {
      if (error instanceof WebSocketError) await this.close(error.closeCode);
      throw error;
    }
  }

  // One answer at a time is enough: RFC 6455 §5.5.3.
  #answerPing(payload: Uint8Array): void {
    if (this.#isAnswering || this.#isClosing) return;
    this.#isAnswering = true;
    void this.#stream
      .write(encodeWebSocketFrame({ kind: 'pong', payload }))
      .catch(() => {}) // Reading tells what happened.
      .finally(() => (this.#isAnswering = false));
  }
}
