/** One value of a DER encoding: its identifier byte and what is inside. */
export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** Bytes that are not the DER that was expected. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

/**
 * Splits `bytes` into the DER values that follow one another in it.
 *
 * Errors: `DerError` for a length beyond the end, an indefinite or needlessly long length, or a tag
 * number above 30, none of which certificates have. Source: X.690 §8.1, §10.1.
 */
export function readDerValues(bytes: Uint8Array): readonly DerValue[] {
  const values: DerValue[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const tag = byteAt(bytes, offset);
    if ((tag & 0x1f) === 0x1f) throw new DerError('a DER tag has more than one byte');
    const { start, length } = readLength(bytes, offset + 1);
    const end = start + length;
    if (end > bytes.length) throw new DerError('a DER value ends beyond its container');
    values.push({ tag, content: bytes.subarray(start, end) });
    offset = end;
  }
  return values;
}

/** The members of a value that must have the tag `tag`. */
export function readDerMembers(value: DerValue | undefined, tag: number): readonly DerValue[] {
  return readDerValues(contentOf(value, tag));
}

/** The content of a value that must have the tag `tag`. */
export function contentOf(value: DerValue | undefined, tag: number): Uint8Array {
  if (value === undefined) throw new DerError('a DER value is missing');
  if (value.tag !== tag) throw new DerError(`expected DER tag ${tag}, found ${value.tag}`);
  return value.content;
}

/** Reads a dotted object identifier. Source: X.690 §8.19. */
export function readObjectIdentifier(value: DerValue | undefined): string {
  const content = contentOf(value, derTags.objectIdentifier);
  const arcs: bigint[] = [];
  let arc = 0n;
  let isComplete = content.length > 0;
  for (const byte of content) {
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    isComplete = byte < 0x80;
    if (!isComplete) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const [first, ...rest] = arcs;
  if (first === undefined || !isComplete) throw new DerError('an object identifier is cut off');
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...rest].join('.');
}

/** Reads any of the character string types of a name. Source: RFC 5280 §4.1.2.4. */
export function readDerText(value: DerValue | undefined): string {
  switch (value?.tag) {
    case derTags.utf8String:
    case derTags.printableString:
    case derTags.ia5String:
      return decodeText('utf-8', value.content);
    case derTags.teletexString:
      return decodeText('latin1', value.content);
    case derTags.bmpString:
      return decodeText('utf-16be', value.content);
    default:
      throw new DerError(`DER tag ${value?.tag} is not text`);
  }
}

/**
 * A value as the bytes that it was read from: what is signed is signed as bytes. There is only one
 * length for each content that `readDerValues` takes. Source: X.690 §10.1.
 */
export function derBytes({ tag, content }: DerValue): Uint8Array {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Uint8Array.of(tag, length), content]);
  const digits = length.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return Buffer.concat([Uint8Array.of(tag, 0x80 + bytes.length), bytes, content]);
}

export const derTags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

function decodeText(encoding: string, content: Uint8Array): string {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(content);
  } catch (error) {
    throw new DerError(`text is not ${encoding}`, { cause: error });
  }
}

function readLength(bytes: Uint8Array, offset: number): { start: number; length: number } {
  const first = byteAt(bytes, offset);
  if (first < 0x80) return { start: offset + 1, length: first };
  const count = first & 0x7f;
  if (count === 0 || count > 4) throw new DerError('a DER length is indefinite or too large');
  let length = 0;
  for (let index = 1; index <= count; index++)
    length = length * 256 + byteAt(bytes, offset + index);
  if (length < 0x80 || length < 256 ** (count - 1)) {
    throw new DerError('a DER length is longer than necessary');
  }
  return { start: offset + 1 + count, length };
}

function byteAt(bytes: Uint8Array, offset: number): number {
  const byte = bytes[offset];
  if (byte === undefined) throw new DerError('DER bytes are cut off');
  return byte;
}
