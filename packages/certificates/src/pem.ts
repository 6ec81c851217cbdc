/** One block of a PEM text: what it says it is, and what is inside. */
export interface PemBlock {
  readonly type: string;
  readonly hasHeaders: boolean;
  readonly der: Uint8Array;
}

/**
 * The blocks of a PEM text, in their order. What stands between them, and what looks like a block but is
 * not in base64, is passed over.
 *
 * Source: RFC 7468 §2, and RFC 1421 §4.6 for headers.
 */
export function* readPemBlocks(text: string): Generator<PemBlock> {
  for (const match of text.matchAll(block)) {
    const [, type = '', headers = '', base64 = ''] = match;
    const compact = base64.replaceAll(/\s/g, '');
    if (!isBase64(compact)) continue;
    yield { type, hasHeaders: headers !== '', der: Buffer.from(compact, 'base64') };
  }
}

/** Bytes as the one block of a PEM text. */
export function formatPem(type: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${type}-----`, ...lines, `-----END ${type}-----`, ''].join('\n');
}

// Neither part can match a dash, so nothing is looked at twice.
const block =
  /^-----BEGIN ([^\n\r-]*)-----[ \t\r]*\n((?:[^\n:-]+:[^\n-]*\n)*)([A-Za-z0-9+/=\s]*)-----END \1-----[ \t\r]*$/gm;

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}
