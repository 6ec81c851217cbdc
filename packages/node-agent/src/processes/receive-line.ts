import type { Duplex } from 'node:stream';

/** Reads up to the end of a line and leaves the rest. Errors: throws when there is none. */
export async function receiveLine(stream: Duplex): Promise<string> {
  const parts: Buffer[] = [];
  for (;;) {
    const bytes = stream.read() as Buffer | null;
    if (bytes === null) {
      await moreToRead(stream);
      continue;
    }
    const end = bytes.indexOf(0x0a);
    parts.push(end < 0 ? bytes : bytes.subarray(0, end));
    if (end < 0) continue;
    if (end + 1 < bytes.length) stream.unshift(bytes.subarray(end + 1));
    return Buffer.concat(parts).toString();
  }
}

async function moreToRead(stream: Duplex): Promise<void> {
  const gone = (): Error => new Error('the connection has ended before a line did');
  if (stream.readableEnded || stream.destroyed) throw gone();
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: Error): void => {
      stream.off('readable', readable).off('end', ended).off('close', ended).off('error', settle);
      if (error === undefined) resolve();
      else reject(error);
    };
    const readable = (): void => settle();
    const ended = (): void => settle(gone());
    stream.on('readable', readable).on('end', ended).on('close', ended).on('error', settle);
  });
}
