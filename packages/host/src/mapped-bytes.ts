/**
 * Zeroed bytes in memory of their own, which goes back to the system as soon as they are collected.
 *
 * Ordinary buffers come from the heap of the C library, which is left in pieces when large ones of
 * all sizes come and go, and gives back its upper end only. The memory of a buffer that could be
 * resized is mapped by V8 instead, in whole pages: for what is large and is kept for a while.
 */
export function mappedBytes(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(length, { maxByteLength: length }), 0, length);
}
