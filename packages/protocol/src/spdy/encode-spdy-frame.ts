import { type SpdyFrame, spdyFrameTypes } from './spdy-frame.ts';

const finalFlag = 0x01;
const unidirectionalFlag = 0x02;
const dataBytesMax = 0xffffff;

/** Writes one frame. Errors: `RangeError` for data that no frame can hold. Source: SPDY/3.1 §2.6. */
export function encodeSpdyFrame(frame: SpdyFrame): Uint8Array<ArrayBuffer> {
  switch (frame.kind) {
    case 'data':
      return encodeData(frame);
    case 'syn-stream': {
      const { streamId, associatedStreamId, priority, headerBlock } = frame;
      const flags =
        (frame.isFinal ? finalFlag : 0) | (frame.isUnidirectional ? unidirectionalFlag : 0);
      const words = [streamId, associatedStreamId];
      const rest = new Uint8Array(2 + headerBlock.length);
      rest[0] = (priority & 7) << 5;
      rest.set(headerBlock, 2);
      return encodeControl(frame.kind, { flags, words, rest });
    }
    case 'syn-reply':
    case 'headers': {
      const flags = frame.isFinal ? finalFlag : 0;
      return encodeControl(frame.kind, { flags, words: [frame.streamId], rest: frame.headerBlock });
    }
    case 'rst-stream':
      return encodeControl(frame.kind, { words: [frame.streamId, frame.status] });
    case 'goaway':
      return encodeControl(frame.kind, { words: [frame.lastStreamId, frame.status] });
    case 'ping':
      return encodeControl(frame.kind, { words: [frame.id] });
    case 'window-update':
      return encodeControl(frame.kind, { words: [frame.streamId, frame.delta] });
    case 'settings': {
      const words = frame.settings.flatMap(({ id, flags, value }) => [
        (((flags & 0xff) << 24) | (id & 0xffffff)) >>> 0,
        value,
      ]);
      return encodeControl(frame.kind, { words: [frame.settings.length, ...words] });
    }
  }
}

function encodeData(frame: Extract<SpdyFrame, { kind: 'data' }>): Uint8Array<ArrayBuffer> {
  const { length } = frame.bytes;
  if (length > dataBytesMax) throw new RangeError(`a frame holds no ${length} bytes of data`);
  const bytes = new Uint8Array(8 + length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, frame.streamId);
  view.setUint32(4, length);
  bytes[4] = frame.isFinal ? finalFlag : 0;
  bytes.set(frame.bytes, 8);
  return bytes;
}

function encodeControl(
  kind: keyof typeof spdyFrameTypes,
  content: {
    readonly flags?: number;
    readonly words: readonly number[];
    readonly rest?: Uint8Array;
  },
): Uint8Array<ArrayBuffer> {
  const { flags = 0, words, rest = new Uint8Array() } = content;
  const length = words.length * 4 + rest.length;
  const bytes = new Uint8Array(8 + length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0x8003);
  view.setUint16(2, spdyFrameTypes[kind]);
  view.setUint32(4, length);
  bytes[4] = flags;
  words.forEach((word, index) => view.setUint32(8 + index * 4, word));
  bytes.set(rest, 8 + words.length * 4);
  return bytes;
}
