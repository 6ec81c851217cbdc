/**
 * The same bytes in memory of their own.
 *
 * A value that is a view of something larger, of Node's pool or a message, would keep all of that
 * alive for as long as the store keeps the value.
 */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer.byteLength === bytes.byteLength) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return own;
}
