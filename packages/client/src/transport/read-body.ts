import { type HttpBody, collectBody } from '@fairway/protocol';

/** All bytes of an answer. Errors: `RangeError` beyond `bytesMax`. */
export function readBody(body: HttpBody, bytesMax: number): Promise<Uint8Array> {
  return collectBody(body, { bytesMax, tooLong: () => tooLong(bytesMax) });
}

/** The refusal of an answer that is longer than its reader takes. */
export function tooLong(bytesMax: number): RangeError {
  return new RangeError(
    `the answer is longer than ${bytesMax} bytes: ask for less, with "limit" or a selector`,
  );
}
