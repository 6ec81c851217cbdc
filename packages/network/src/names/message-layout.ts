/** Where things are in a message of DNS. Source: RFC 1035 4.1. */
export const headerBytes = 12;

/** What an answer over UDP may have: of an asker without EDNS, and at the most, so that it is never cut in two. */
export const answerBytesMax = { plain: 512, udp: 1_232, tcp: 65_535 } as const;

/** Codes of answers. */
export const responseCodes = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
} as const;

export type ResponseCode = keyof typeof responseCodes;

/** Where the one question of a message ends; undefined where it does not, or refers to another place. */
export function questionEnd(bytes: Buffer): number | undefined {
  const end = nameEnd(bytes, headerBytes, { mayRefer: false });
  return end !== undefined && end + 4 <= bytes.length ? end + 4 : undefined;
}

/** A question by which those are alike that differ in upper and lower case alone. Source: RFC 4343. */
export function questionKey(questionBytes: Buffer): string {
  const nameBytes = questionBytes.length - 4;
  const name = lowerCase(questionBytes.toString('latin1', 0, nameBytes));
  return name + questionBytes.toString('latin1', nameBytes);
}

/** Of the letters that are alike in DNS. */
export function lowerCase(name: string): string {
  return name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Whether a name can be written as it is: none of its labels is empty or too long. Source: RFC 1035 2.3.4. */
export function isPlainName(name: string): boolean {
  return name.length <= 253 && name.split('.').every((label) => /^[!-~]{1,63}$/.test(label));
}

/** Where a name ends that begins at an offset: after its zero, or after where it refers to the rest of it. */
function nameEnd(
  bytes: Buffer,
  start: number,
  { mayRefer }: { readonly mayRefer: boolean },
): number | undefined {
  let at = start;
  while (at < bytes.length) {
    const length = bytes[at] ?? 0;
    if (length === 0) return at + 1;
    if (length >= 0xc0 && mayRefer) return at + 2 <= bytes.length ? at + 2 : undefined;
    if (length >= 0x40) return undefined;
    at += length + 1;
  }
  return undefined;
}

/** A record in a message: where it is, and what everyone may know of it. */
export interface RecordPlace {
  readonly section: 'answer' | 'authority' | 'additional';
  readonly type: number;
  readonly ttlOffset: number;
  readonly end: number;
}

/** The records of a message with one question; undefined where it is not whole. */
export function recordPlaces(bytes: Buffer): readonly RecordPlace[] | undefined {
  let at = questionEnd(bytes);
  if (at === undefined || bytes.readUInt16BE(4) !== 1) return undefined;
  const places: RecordPlace[] = [];
  for (const [index, section] of (['answer', 'authority', 'additional'] as const).entries()) {
    const count = bytes.readUInt16BE(6 + index * 2);
    for (let found = 0; found < count; found++) {
      const owner: number | undefined = nameEnd(bytes, at, { mayRefer: true });
      if (owner === undefined || owner + 10 > bytes.length) return undefined;
      const end = owner + 10 + bytes.readUInt16BE(owner + 8);
      if (end > bytes.length) return undefined;
      places.push({ section, type: bytes.readUInt16BE(owner), ttlOffset: owner + 4, end });
      at = end;
    }
  }
  return places;
}
