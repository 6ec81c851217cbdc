import { ByteAccumulator } from '../byte-accumulator.ts';
import { SpdyError } from './spdy-error.ts';
import { type SpdyFrame, type SpdySetting, spdyFrameTypes } from './spdy-frame.ts';

/** Control frames are small: a header block of Kubernetes has a few hundred bytes. */
const controlBytesMax = 64 * 1024;

/**
 * Reads frames as bytes arrive. The data of one frame may come as several frames, so that nothing
 * waits for its end; the last of them is the one that may be final. Control frames of a type that
 * is not known are passed over, as the specification asks.
 *
 * Errors: `SpdyError`; the connection cannot be read on.
 * Source: SPDY/3.1 §2.2.
 */
export class SpdyDecoder {
  readonly #bytes = new ByteAccumulator();
  #data: { readonly streamId: number; readonly isFinal: boolean; missing: number } | undefined;

  /** Takes a chunk and answers what it completes. */
  push(chunk: Uint8Array): SpdyFrame[] {
    this.#bytes.push(chunk);
    const frames: SpdyFrame[] = [];
    for (;;) {
      if (this.#data !== undefined) {
        const frame = this.#takeData(this.#data);
        if (frame === undefined) return frames;
        frames.push(frame);
        continue;
      }
      const head = this.#bytes.peek(8);
      if (head === undefined) return frames;
      const view = viewOf(head);
      const length = view.getUint32(4) & 0xffffff;
      if ((view.getUint8(0) & 0x80) === 0) {
        const streamId = view.getUint32(0);
        if (streamId === 0) throw malformed('data for stream 0');
        this.#data = { streamId, isFinal: (view.getUint8(4) & 1) !== 0, missing: length };
        this.#bytes.take(8);
        continue;
      }
      if (length > controlBytesMax) {
        throw new SpdyError('too-long', `a control frame has more than ${controlBytesMax} bytes`);
      }
      const bytes = this.#bytes.take(8 + length);
      if (bytes === undefined) return frames;
      const frame = decodeControl(bytes);
      if (frame !== undefined) frames.push(frame);
    }
  }

  #takeData(data: {
    readonly streamId: number;
    readonly isFinal: boolean;
    missing: number;
  }): SpdyFrame | undefined {
    const available = Math.min(data.missing, this.#bytes.length);
    if (available === 0 && data.missing > 0) return undefined;
    const bytes = this.#bytes.take(available) ?? new Uint8Array();
    data.missing -= available;
    const isLast = data.missing === 0;
    if (isLast) this.#data = undefined;
    return { kind: 'data', streamId: data.streamId, isFinal: isLast && data.isFinal, bytes };
  }
}

function decodeControl(bytes: Uint8Array): SpdyFrame | undefined {
  const view = viewOf(bytes);
  const version = view.getUint16(0) & 0x7fff;
  if (version !== 3) throw malformed(`version ${version} instead of 3`);
  const flags = view.getUint8(4);
  const isFinal = (flags & 1) !== 0;
  const size = bytes.length - 8;
  const word = (index: number): number => view.getUint32(8 + index * 4);
  const streamIdAt = (index: number): number => word(index) & 0x7fffffff;
  switch (view.getUint16(2)) {
    case spdyFrameTypes['syn-stream']:
      if (size < 10) throw tooShort('SYN_STREAM');
      return {
        kind: 'syn-stream',
        streamId: streamIdAt(0),
        associatedStreamId: streamIdAt(1),
        priority: view.getUint8(16) >> 5,
        isFinal,
        isUnidirectional: (flags & 2) !== 0,
        headerBlock: bytes.subarray(18),
      };
    case spdyFrameTypes['syn-reply']:
      if (size < 4) throw tooShort('SYN_REPLY');
      return {
        kind: 'syn-reply',
        streamId: streamIdAt(0),
        isFinal,
        headerBlock: bytes.subarray(12),
      };
    case spdyFrameTypes.headers:
      if (size < 4) throw tooShort('HEADERS');
      return { kind: 'headers', streamId: streamIdAt(0), isFinal, headerBlock: bytes.subarray(12) };
    case spdyFrameTypes['rst-stream']:
      if (size !== 8) throw tooShort('RST_STREAM');
      return { kind: 'rst-stream', streamId: streamIdAt(0), status: word(1) };
    case spdyFrameTypes.settings:
      return { kind: 'settings', settings: decodeSettings(view, size) };
    case spdyFrameTypes.ping:
      if (size !== 4) throw tooShort('PING');
      return { kind: 'ping', id: word(0) };
    case spdyFrameTypes.goaway:
      if (size !== 8) throw tooShort('GOAWAY');
      return { kind: 'goaway', lastStreamId: streamIdAt(0), status: word(1) };
    case spdyFrameTypes['window-update']:
      if (size !== 8) throw tooShort('WINDOW_UPDATE');
      return { kind: 'window-update', streamId: streamIdAt(0), delta: streamIdAt(1) };
    default:
      return undefined;
  }
}

function decodeSettings(view: DataView, size: number): SpdySetting[] {
  const count = size < 4 ? -1 : view.getUint32(8);
  if (size !== 4 + count * 8) throw tooShort('SETTINGS');
  return Array.from({ length: count }, (_, index) => {
    const at = 12 + index * 8;
    const first = view.getUint32(at);
    return { id: first & 0xffffff, flags: first >>> 24, value: view.getUint32(at + 4) };
  });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function tooShort(what: string): SpdyError {
  return malformed(`the length of a ${what} frame is wrong`);
}

function malformed(message: string): SpdyError {
  return new SpdyError('malformed', `cannot read the SPDY connection on: ${message}`);
}
