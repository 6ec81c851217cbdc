import type { HttpHeaders } from '../http-message.ts';
import { SpdyError } from './spdy-error.ts';

/** Compresses header blocks: each side keeps one for a connection, used for one block at a time. */
export interface HeaderCompression {
  compress(block: Uint8Array): Promise<Uint8Array>;
  /** Errors: `SpdyError` for bytes that are not zlib's, and for blocks beyond the bound. */
  decompress(compressed: Uint8Array): Promise<Uint8Array>;
  /** Frees what the compression holds. */
  close(): void;
}

/** Writes names and values. Names become lower case. Source: SPDY/3.1 §2.6.10. */
export function encodeHeaderBlock(headers: HttpHeaders): Uint8Array {
  const entries = Object.entries(headers);
  const texts = entries.flatMap(([name, value]) => [
    encoder.encode(name.toLowerCase()),
    encoder.encode(typeof value === 'string' ? value : value.join('\0')),
  ]);
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + 4 + text.length, 4));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, entries.length);
  let at = 4;
  for (const text of texts) {
    view.setUint32(at, text.length);
    bytes.set(text, at + 4);
    at += 4 + text.length;
  }
  return bytes;
}

/** Reads names and values. Errors: `SpdyError`. */
export function decodeHeaderBlock(block: Uint8Array): HttpHeaders {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  let at = 0;
  const word = (): number => {
    if (at + 4 > block.length) throw malformed('it ends early');
    at += 4;
    return view.getUint32(at - 4);
  };
  const text = (): string => {
    const length = word();
    if (at + length > block.length) throw malformed('it ends early');
    at += length;
    return decoder.decode(block.subarray(at - length, at));
  };
  const headers = new Map<string, string | readonly string[]>();
  for (let left = word(); left > 0; left--) {
    const name = text();
    if (name === '') throw malformed('a name is empty');
    if (name !== name.toLowerCase()) throw malformed(`the name "${name}" is not in lower case`);
    if (headers.has(name)) throw malformed(`the name "${name}" comes twice`);
    const value = text();
    headers.set(name, value.includes('\0') ? value.split('\0') : value);
  }
  if (at !== block.length) throw malformed('bytes follow it');
  return Object.fromEntries(headers);
}

function malformed(why: string): SpdyError {
  return new SpdyError('malformed', `a SPDY header block is malformed: ${why}`);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
