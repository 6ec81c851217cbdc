/**
 * Keeps one copy of strings that come again and again: images, node names, label values. An object
 * that was just decoded has its own copy of each.
 */
export class StringPool {
  readonly #strings = new Map<string, string>();
  readonly #countMax: number;

  constructor({ countMax = 20_000 }: { readonly countMax?: number } = {}) {
    this.#countMax = countMax;
  }

  /** Replaces strings in a value by equal ones of the pool. No reader can tell. */
  intern(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    const fields = value as Record<string, unknown>;
    for (const name in fields) {
      const field = fields[name];
      if (typeof field === 'string') fields[name] = this.#pooled(field);
      else if (typeof field === 'object') this.intern(field);
    }
  }

  // Long texts are hardly ever the same, and short ones are shared by the engine.
  #pooled(text: string): string {
    if (text.length > lengthMax || text.length <= lengthOfEngine) return text;
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    if (this.#strings.size < this.#countMax) this.#strings.set(text, text);
    return text;
  }
}

const lengthMax = 256;
const lengthOfEngine = 10;
