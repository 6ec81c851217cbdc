const newline = 10;

/** A line that is longer comes in pieces. */
const lineBytesMax = 1024 * 1024;

/** Cuts bytes where lines end, so that those of several sources can be mixed. The last line may lack its end. */
export async function* wholeLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  for await (const chunk of bytes) {
    const end = chunk.lastIndexOf(newline) + 1;
    if (end > 0) {
      yield Buffer.concat([...pending, chunk.subarray(0, end)]);
      pending = [];
      pendingBytes = 0;
    }
    pending.push(chunk.subarray(end));
    pendingBytes += chunk.length - end;
    if (pendingBytes > lineBytesMax) {
      yield Buffer.concat(pending);
      pending = [];
      pendingBytes = 0;
    }
  }
  if (pendingBytes > 0) yield Buffer.concat(pending);
}

/** What puts a prefix before each line of what it is given, piece by piece. */
export function prefixing(prefix: string): (piece: Uint8Array) => Uint8Array {
  const before = Buffer.from(prefix);
  let isLineStart = true;
  return (piece) => {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < piece.length;) {
      const found = piece.indexOf(newline, at);
      const end = found < 0 ? piece.length : found + 1;
      if (isLineStart) parts.push(before);
      parts.push(piece.subarray(at, end));
      isLineStart = found >= 0;
      at = end;
    }
    return Buffer.concat(parts);
  };
}
