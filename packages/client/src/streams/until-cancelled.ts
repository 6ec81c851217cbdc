import { SpdyError, spdyResetStatus } from '@fairway/protocol/streams';

/** Servers written in Go end streams by cancelling them, after the last bytes. */
export async function* untilCancelled(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, undefined> {
  try {
    yield* bytes;
  } catch (error) {
    if (!(error instanceof SpdyError && error.status === spdyResetStatus.cancel)) throw error;
  }
}
