import { type ByteStream, byteStreamPair } from './byte-stream.ts';
import type { HttpHeaders } from './http-message.ts';
import type { UpgradeAnswer } from './upgrade.ts';

/**
 * Accepts an upgrade with a function that speaks the new protocol. When it is done the stream is
 * ended; what it throws cuts the stream.
 */
export function acceptUpgrade(
  headers: HttpHeaders,
  speak: (stream: ByteStream) => Promise<void>,
): UpgradeAnswer {
  const [stream, own] = byteStreamPair();
  const run = async (): Promise<void> => {
    try {
      await speak(own);
      await own.end();
      own.destroy();
    } catch (error) {
      own.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };
  void run();
  return { kind: 'accepted', headers, stream };
}
