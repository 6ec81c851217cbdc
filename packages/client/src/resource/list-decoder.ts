/**
 * Decodes the JSON of a list while it arrives: each item as soon as it is complete, so that neither
 * the bytes nor the text of a long list are ever there as a whole.
 *
 * What is no list comes out as it is. Errors of both methods: `SyntaxError`.
 */
export class ListDecoder {
  /** Begins with what has not been decoded yet. */
  #bytes = new Uint8Array(0);
  #length = 0;
  /** How far the structure is known. */
  #scanned = 0;
  #depth = 0;
  #isInString = false;
  /** Where the item begins that is being scanned; -1 between two of them. */
  #itemStart = -1;
  #items: unknown[] | undefined;
  /** What stands before the items, up to their bracket. */
  #head = '';
  #isPastItems = false;
  /** Where the bracket is that closes the items. */
  #itemsEnd = 0;

  /** Takes the next bytes, which the caller may use again afterwards. */
  push(chunk: Uint8Array): void {
    this.#append(chunk);
    if (this.#isPastItems) return;
    this.#scan();
    if (this.#items === undefined) return;
    // What is left is the beginning of an item, or all that follows the last one.
    if (this.#isPastItems) this.#drop(this.#itemsEnd);
    else this.#drop(this.#itemStart === -1 ? this.#scanned : this.#itemStart);
  }

  /** The whole list; undefined when there was nothing. */
  end(): unknown {
    const rest = this.undecoded();
    if (this.#items === undefined) return rest.trim() === '' ? undefined : JSON.parse(rest);
    if (!this.#isPastItems) throw new SyntaxError('the list ends before its items do');
    const list = JSON.parse(`${this.#head}${rest}`) as { items: unknown };
    list.items = this.#items;
    return list;
  }

  /** What has come and is not part of an item, for messages. */
  undecoded(): string {
    return decode(this.#bytes.subarray(0, this.#length));
  }

  #append(chunk: Uint8Array): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = needed;
  }

  #scan(): void {
    const bytes = this.#bytes;
    const end = this.#length;
    let at = this.#isInString ? this.#leaveString(this.#scanned) : this.#scanned;
    while (at < end && !this.#isPastItems) {
      const byte = bytes[at];
      if (this.#items !== undefined && this.#depth === 2) this.#betweenItems(byte, at);
      else if (byte === quote) {
        at = this.#leaveString(at + 1);
        continue;
      } else if (byte === openBrace || byte === openBracket) {
        this.#depth += 1;
        if (byte === openBracket && this.#depth === 2) this.#enterItems(at);
      } else if (byte === closeBrace || byte === closeBracket) {
        this.#depth -= 1;
        if (this.#depth === 2 && this.#items !== undefined) this.#takeItem(at + 1);
      }
      at += 1;
    }
    this.#scanned = at;
  }

  /** Answers what comes after a string: beyond the end when the string goes on there. */
  #leaveString(from: number): number {
    const bytes = this.#bytes;
    const end = this.#length;
    let at = from;
    while (at < end) {
      const byte = bytes[at];
      if (byte === quote) {
        this.#isInString = false;
        return at + 1;
      }
      at += byte === backslash ? 2 : 1;
    }
    this.#isInString = true;
    return at;
  }

  #betweenItems(byte: number | undefined, at: number): void {
    if (byte === openBrace) {
      this.#itemStart = at;
      this.#depth = 3;
    } else if (byte === closeBracket) {
      this.#isPastItems = true;
      this.#itemsEnd = at;
    } else if (byte !== comma && !isBlank(byte)) {
      throw new SyntaxError('the items of the list are no objects');
    }
  }

  #enterItems(bracket: number): void {
    const head = decode(this.#bytes.subarray(0, bracket + 1));
    if (!/(?<!\\)"items"\s*:\s*\[$/.test(head)) return;
    this.#head = head;
    this.#items = [];
  }

  #takeItem(end: number): void {
    this.#items?.push(JSON.parse(decode(this.#bytes.subarray(this.#itemStart, end))));
    this.#itemStart = -1;
  }

  #drop(count: number): void {
    this.#bytes.copyWithin(0, count, this.#length);
    this.#length -= count;
    this.#scanned -= count;
    if (this.#itemStart !== -1) this.#itemStart -= count;
  }
}

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

const decoder = new TextDecoder();

function decode(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
