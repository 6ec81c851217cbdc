import { ByteReader } from './byte-reader.ts';
import { type TarEntry, TarError, tarBlockBytes } from './tar-entry.ts';

/** A pax header or a long name of GNU is not longer than this. */
const extensionBytesMax = 64 * 1024;

/**
 * The files and directories of an archive, one after the other. Links and devices are left out and
 * told to `onSkipped`.
 *
 * Errors: `TarError` for bytes that are no archive, an archive that is cut, and for names that lead
 * out of where they are put.
 * Source: POSIX.1-2001 ustar and pax; GNU long names.
 */
export async function* readTar(
  bytes: AsyncIterable<Uint8Array>,
  onSkipped: (path: string) => void = () => {},
): AsyncGenerator<TarEntry, undefined> {
  const reader = new ByteReader(bytes);
  try {
    let longName: string | undefined;
    for (;;) {
      const block = await reader.take(tarBlockBytes);
      if (block.every((byte) => byte === 0)) return await reader.drain();
      const head = parseHeader(block);
      if (head.typeFlag === 'x' || head.typeFlag === 'L') {
        if (head.sizeBytes > extensionBytesMax) throw new TarError('a name is too long');
        const extension = decoder.decode(await reader.take(head.sizeBytes));
        await reader.skip(paddingOf(head.sizeBytes));
        longName = head.typeFlag === 'L' ? trimNul(extension) : (paxPath(extension) ?? longName);
        continue;
      }
      const path = longName ?? head.path;
      if (head.typeFlag !== 'g') longName = undefined;
      const content = reader.part(head.sizeBytes);
      const kind = kindOf(head.typeFlag, path);
      if (kind !== undefined) {
        const safe = safePath(path);
        // `.`: the place itself, which is there already.
        if (safe !== '')
          yield { path: safe, kind, mode: head.mode, sizeBytes: head.sizeBytes, content };
      } else if (head.typeFlag !== 'g') onSkipped(path);
      for await (const _ of content); // What the caller left.
      await reader.skip(paddingOf(head.sizeBytes));
    }
  } finally {
    await reader.close();
  }
}

function parseHeader(block: Uint8Array): {
  readonly path: string;
  readonly mode: number;
  readonly sizeBytes: number;
  readonly typeFlag: string;
} {
  const text = (from: number, length: number): string =>
    trimNul(decoder.decode(block.subarray(from, from + length)));
  const sum = block.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0);
  if (octal(text(148, 8)) !== sum) throw new TarError('this is not a tar archive');
  const isUstar = text(257, 5) === 'ustar';
  const prefix = isUstar && text(257, 8) !== 'ustar  ' ? text(345, 155) : '';
  const name = text(0, 100);
  const isBinary = ((block[124] ?? 0) & 0x80) !== 0;
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    mode: octal(text(100, 8)) & 0o777,
    sizeBytes: isBinary ? safeSize(Number(view.getBigUint64(128))) : octal(text(124, 12)),
    typeFlag: text(156, 1) === '' ? '0' : text(156, 1),
  };
}

function kindOf(typeFlag: string, path: string): 'file' | 'directory' | undefined {
  if (typeFlag === '5' || (typeFlag === '0' && path.endsWith('/'))) return 'directory';
  return typeFlag === '0' || typeFlag === '7' ? 'file' : undefined;
}

function safePath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || /[\0\\]/.test(path)) {
    throw new TarError(`the archive holds ${JSON.stringify(path)}, which leads elsewhere`);
  }
  return parts.join('/');
}

function paxPath(records: string): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(records)?.[1];
}

function octal(text: string): number {
  const digits = text.trim();
  if (!/^[0-7]*$/.test(digits)) throw new TarError('this is not a tar archive');
  return safeSize(Number.parseInt(digits === '' ? '0' : digits, 8));
}

function safeSize(size: number): number {
  if (!Number.isSafeInteger(size)) throw new TarError('the archive holds a file beyond all bounds');
  return size;
}

function trimNul(text: string): string {
  const end = text.indexOf('\0');
  return end === -1 ? text : text.slice(0, end);
}

function paddingOf(length: number): number {
  return (tarBlockBytes - (length % tarBlockBytes)) % tarBlockBytes;
}

const decoder = new TextDecoder();
