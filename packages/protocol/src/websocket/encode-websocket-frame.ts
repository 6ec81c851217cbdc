/** What a frame is. Source: RFC 6455 §11.8. */
export const webSocketOpcodes = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

export interface OutgoingWebSocketFrame {
  readonly kind: keyof typeof webSocketOpcodes;
  readonly payload: Uint8Array;
  /** False when a continuation follows; true when absent. */
  readonly isFinal?: boolean;
  /** Four random bytes, which every frame of a client must have and no frame of a server may. */
  readonly mask?: Uint8Array;
}

/** Writes one frame. Source: RFC 6455 §5.2. */
export function encodeWebSocketFrame(frame: OutgoingWebSocketFrame): Uint8Array<ArrayBuffer> {
  const { kind, payload, isFinal = true, mask } = frame;
  const { length } = payload;
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const start = 2 + lengthBytes + (mask === undefined ? 0 : 4);
  const bytes = new Uint8Array(start + length);
  const view = new DataView(bytes.buffer);
  bytes[0] = (isFinal ? 0x80 : 0) | webSocketOpcodes[kind];
  const short = lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127;
  bytes[1] = (mask === undefined ? 0 : 0x80) | short;
  if (lengthBytes === 2) view.setUint16(2, length);
  if (lengthBytes === 8) view.setBigUint64(2, BigInt(length));
  bytes.set(payload, start);
  if (mask !== undefined) {
    bytes.set(mask, start - 4);
    applyMask(bytes.subarray(start), mask);
  }
  return bytes;
}

/** The payload of a close frame. */
export function encodeCloseReason(code: number, reason = ''): Uint8Array<ArrayBuffer> {
  // A control frame holds 125 bytes; half a character at the cut would not be UTF-8.
  let text = new TextEncoder().encode(reason);
  if (text.length > 123) text = new TextEncoder().encode(reason.slice(0, 41));
  return Uint8Array.of(code >> 8, code & 0xff, ...text);
}

/** Masks or unmasks in place: the two are the same. */
export function applyMask(payload: Uint8Array, mask: Uint8Array): void {
  for (let at = 0; at < payload.length; at++) {
    payload[at] = (payload[at] ?? 0) ^ (mask[at & 3] ?? 0);
  }
}
