import { type TarEntry, TarError, type TarLink, tarBlockBytes } from './tar-entry.ts';

/**
 * The bytes of an archive. Long names go into pax headers.
 *
 * Errors: `TarError` when a content is not as long as was said, or a link's target is too long.
 * Source: POSIX.1-2001 ustar and pax.
 */
export async function* writeTar(
  entries: AsyncIterable<TarEntry | TarLink> | Iterable<TarEntry | TarLink>,
): AsyncGenerator<Uint8Array, undefined> {
  for await (const entry of entries) {
    const name = entry.kind === 'directory' ? `${entry.path}/` : entry.path;
    const nameBytes = encoder.encode(name);
    if (nameBytes.length > 100) yield* paxHeader(name);
    if (entry.kind === 'link') {
      yield linkHeader(nameBytes, entry);
      continue;
    }
    const isDirectory = entry.kind === 'directory';
    yield header({ ...entry, nameBytes, typeFlag: isDirectory ? '5' : '0' });
    if (isDirectory) continue;
    let length = 0;
    for await (const chunk of entry.content) {
      length += chunk.length;
      if (length <= entry.sizeBytes) yield chunk;
    }
    if (length !== entry.sizeBytes) {
      throw new TarError(`"${entry.path}" changed while it was copied: try again`);
    }
    yield padding(length);
  }
  yield new Uint8Array(2 * tarBlockBytes);
}

function linkHeader(nameBytes: Uint8Array, { path, target }: TarLink): Uint8Array {
  const linkBytes = encoder.encode(target);
  if (linkBytes.length > 100) throw new TarError(`the link "${path}" leads too far: "${target}"`);
  return header({ nameBytes, linkBytes, typeFlag: '2', mode: 0o777, sizeBytes: 0 });
}

function* paxHeader(path: string): Generator<Uint8Array> {
  const record = ` path=${path}\n`;
  const recordBytes = encoder.encode(record).length;
  // The length counts its own digits.
  let total = recordBytes + String(recordBytes).length;
  total = recordBytes + String(total).length;
  const bytes = encoder.encode(`${total}${record}`);
  const nameBytes = encoder.encode('pax');
  yield header({ nameBytes, typeFlag: 'x', mode: 0o644, sizeBytes: bytes.length });
  yield bytes;
  yield padding(bytes.length);
}

function header(entry: {
  readonly nameBytes: Uint8Array;
  readonly linkBytes?: Uint8Array;
  readonly typeFlag: string;
  readonly mode: number;
  readonly sizeBytes: number;
}): Uint8Array {
  const block = new Uint8Array(tarBlockBytes);
  const put = (at: number, text: string): void => block.set(encoder.encode(text), at);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
  block.set(entry.nameBytes.subarray(0, 100), 0);
  put(100, octal(entry.mode & 0o7777, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  if (entry.sizeBytes < 8 ** 11) put(124, octal(entry.sizeBytes, 11));
  else {
    // GNU's way for what octal digits cannot say.
    new DataView(block.buffer).setBigUint64(128, BigInt(entry.sizeBytes));
    block[124] = 0x80;
  }
  put(136, octal(0, 11));
  put(148, '        ');
  put(156, entry.typeFlag);
  if (entry.linkBytes !== undefined) block.set(entry.linkBytes, 157);
  put(257, 'ustar\x0000');
  put(
    148,
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
  );
  return block;
}

function padding(length: number): Uint8Array {
  return new Uint8Array((tarBlockBytes - (length % tarBlockBytes)) % tarBlockBytes);
}

const encoder = new TextEncoder();
