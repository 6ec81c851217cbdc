/**
 * A string whose order by UTF-16 code units, the one that JavaScript compares by, is the order of
 * `key` by bytes of UTF-8. Almost every key is that string itself.
 *
 * The two orders differ only where a surrogate meets a code unit behind the surrogates, so these two
 * blocks change places.
 */
export function byteOrder(key: string): string {
  return behindSurrogates.test(key) ? key.replaceAll(fromSurrogatesOn, swapBlocks) : key;
}

// Without the flag `u` both match code units.
const behindSurrogates = /[\ud800-\uffff]/;
const fromSurrogatesOn = /[\ud800-\uffff]/g;

function swapBlocks(unit: string): string {
  const code = unit.charCodeAt(0);
  return String.fromCharCode(code < 0xe000 ? code + 0x2000 : code - 0x800);
}
