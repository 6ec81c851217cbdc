/**
 * A path in the one spelling by which paths are compared: what need not be percent-encoded is not, and what is
 * not in ASCII is. A slash that is encoded stays so, as it separates nothing.
 *
 * Source: RFC 3986 §6.2.2.
 */
export function canonicalPath(path: string): string {
  if (plain.test(path)) return path;
  return path
    .replace(/%[0-9a-f]{2}/gi, (encoded) => {
      const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
      return unreserved.test(character) ? character : encoded.toUpperCase();
    })
    .replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}

/**
 * Whether a path leads up (`/shop/../admin`, also percent-encoded): whoever routes by its beginning and whoever
 * answers might understand it in two ways. Clients resolve such paths before they send them.
 */
export function leadsUp(path: string): boolean {
  return /\/(?:\.|%2e){1,2}(?:\/|\\|%2f|%5c|;|$)/i.test(path);
}

const plain = /^[\w\-./~:@!$&'()*+,;=]*$/;
const unreserved = /[\w\-.~]/;
