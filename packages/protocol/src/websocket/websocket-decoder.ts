import { ByteAccumulator } from '../byte-accumulator.ts';
import { applyMask, webSocketOpcodes } from './encode-websocket-frame.ts';
import { WebSocketError } from './websocket-error.ts';

/** What came over a WebSocket connection: a whole message, or a control frame. */
export type WebSocketEvent =
  | { readonly kind: 'text' | 'binary' | 'ping' | 'pong'; readonly payload: Uint8Array }
  | {
      readonly kind: 'close';
      /** 1005 when the other side gave none. */
      readonly code: number;
      readonly reason: string;
    };

interface FrameHead {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly mask: boolean;
  readonly headBytes: number;
  readonly length: number;
}

/**
 * Reads the frames of the other side and joins fragments to messages, as bytes arrive.
 *
 * Errors: `WebSocketError`; the connection cannot be read on.
 * Source: RFC 6455 §5; no extension is spoken.
 */
export class WebSocketDecoder {
  readonly #bytes = new ByteAccumulator();
  readonly #messageBytesMax: number;
  readonly #isMasked: boolean;
  #fragments: { readonly kind: 'text' | 'binary'; readonly parts: Uint8Array[] } | undefined;
  #fragmentBytes = 0;

  /** `isMasked`: true for a server, whose clients must mask. `messageBytesMax`: the longest message. */
  constructor(options: { readonly isMasked: boolean; readonly messageBytesMax: number }) {
    this.#isMasked = options.isMasked;
    this.#messageBytesMax = options.messageBytesMax;
  }

  /** Takes a chunk and answers what it completes. */
  push(chunk: Uint8Array): WebSocketEvent[] {
    this.#bytes.push(chunk);
    const events: WebSocketEvent[] = [];
    for (let head = this.#head(); head !== undefined; head = this.#head()) {
      const frame = this.#bytes.take(head.headBytes + head.length);
      if (frame === undefined) break;
      const payload = frame.subarray(head.headBytes);
      if (head.mask) applyMask(payload, frame.subarray(head.headBytes - 4, head.headBytes));
      const event = this.#accept(head, payload);
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  #head(): FrameHead | undefined {
    const start = this.#bytes.peek(2);
    if (start === undefined) return undefined;
    const [first = 0, second = 0] = start;
    const mask = (second & 0x80) !== 0;
    const opcode = first & 0x0f;
    if ((first & 0x70) !== 0) throw malformed('reserved bits are set');
    if (mask !== this.#isMasked) {
      throw new WebSocketError('wrong-mask', mask ? 'a frame is masked' : 'a frame is not masked');
    }
    const short = second & 0x7f;
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    const headBytes = 2 + lengthBytes + (mask ? 4 : 0);
    const isFinal = (first & 0x80) !== 0;
    if (opcode >= 8 && (short > 125 || !isFinal)) throw malformed('a control frame is too long');
    const whole = this.#bytes.peek(headBytes);
    if (whole === undefined) return undefined;
    const length = lengthBytes === 0 ? short : readLength(whole.subarray(2, 2 + lengthBytes));
    if (length + this.#fragmentBytes > this.#messageBytesMax) {
      const most = this.#messageBytesMax;
      throw new WebSocketError('too-long', `a message is longer than ${most} bytes`);
    }
    return { opcode, isFinal, mask, headBytes, length };
  }

  #accept({ opcode, isFinal }: FrameHead, payload: Uint8Array): WebSocketEvent | undefined {
    switch (opcode) {
      case webSocketOpcodes.text:
      case webSocketOpcodes.binary: {
        if (this.#fragments !== undefined) throw malformed('a message begins inside another one');
        const kind = opcode === webSocketOpcodes.text ? 'text' : 'binary';
        if (isFinal) return { kind, payload };
        this.#fragments = { kind, parts: [payload] };
        this.#fragmentBytes = payload.length;
        return undefined;
      }
      case webSocketOpcodes.continuation:
        return this.#continue(payload, isFinal);
      case webSocketOpcodes.ping:
        return { kind: 'ping', payload };
      case webSocketOpcodes.pong:
        return { kind: 'pong', payload };
      case webSocketOpcodes.close:
        return readClose(payload);
      default:
        throw malformed(`opcode ${opcode} is not known`);
    }
  }

  #continue(payload: Uint8Array, isFinal: boolean): WebSocketEvent | undefined {
    if (this.#fragments === undefined) throw malformed('a continuation follows no message');
    const { kind, parts } = this.#fragments;
    // Empty ones would pile up without ever reaching the bound.
    if (payload.length > 0) parts.push(payload);
    this.#fragmentBytes += payload.length;
    if (!isFinal) return undefined;
    const whole = new Uint8Array(this.#fragmentBytes);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    this.#fragments = undefined;
    this.#fragmentBytes = 0;
    return { kind, payload: whole };
  }
}

function readLength(bytes: Uint8Array): number {
  let length = 0;
  for (const byte of bytes) length = length * 256 + byte;
  return length;
}

function readClose(payload: Uint8Array): WebSocketEvent {
  if (payload.length === 0) return { kind: 'close', code: 1005, reason: '' };
  const [high = 0, low] = payload;
  if (low === undefined) throw malformed('a close frame has half a code');
  const reason = new TextDecoder().decode(payload.subarray(2));
  return { kind: 'close', code: high * 256 + low, reason };
}

function malformed(message: string): WebSocketError {
  return new WebSocketError('malformed', message);
}
