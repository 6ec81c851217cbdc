import { type Deflate, type Inflate, constants, createDeflate, createInflate } from 'node:zlib';
import type { HeaderCompression } from './header-block.ts';
import { headerDictionary } from './header-dictionary.ts';
import { SpdyError } from './spdy-error.ts';

/** A block that is longer than this once it is decompressed is refused. */
const blockBytesMax = 64 * 1024;

/** Header compression by the zlib of Node.js, Bun and Deno. */
export function zlibHeaderCompression(): HeaderCompression {
  const dictionary = headerDictionary();
  const deflate = createDeflate({ dictionary, flush: constants.Z_SYNC_FLUSH });
  const inflate = createInflate({ dictionary, flush: constants.Z_SYNC_FLUSH });
  return {
    compress: (block) => pass(deflate, block, Number.POSITIVE_INFINITY),
    decompress: (compressed) => pass(inflate, compressed, blockBytesMax),
    close() {
      deflate.destroy();
      inflate.destroy();
    },
  };
}

// Everything that a chunk yields is told of before its write is: each chunk is flushed.
function pass(
  through: Deflate | Inflate,
  bytes: Uint8Array,
  bytesMax: number,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = [];
    let length = 0;
    const finish = (settle: () => void): void => {
      through.off('data', onData).off('error', onError).off('close', onClose);
      settle();
    };
    const onData = (part: Uint8Array): void => {
      length += part.length;
      if (length <= bytesMax) return void parts.push(part);
      finish(() => reject(new SpdyError('too-long', `headers have more than ${bytesMax} bytes`)));
      through.on('error', () => {}).destroy();
    };
    const onError = (cause: Error): void => {
      const message = `a SPDY header block cannot be decompressed: ${cause.message}`;
      finish(() => reject(new SpdyError('malformed', message)));
      through.on('error', () => {});
    };
    const onClose = (): void => {
      finish(() => reject(new SpdyError('gone', 'the SPDY connection is closed')));
    };
    through.on('data', onData).once('error', onError).once('close', onClose);
    if (through.destroyed) return onClose();
    through.write(bytes, () => finish(() => resolve(joined(parts, length))));
  });
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
