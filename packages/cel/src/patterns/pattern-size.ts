/** What a pattern will take when it is compiled. */
export interface PatternSize {
  /** At least as many instructions as the pattern becomes. */
  readonly instructions: number;
  /** The first repetition that, with those within it, repeats something too often. */
  readonly nestedRepeat: string | undefined;
}

/** How often something may be repeated, by nested counts together. Source: RE2, doc/syntax.txt. */
const repeatsMax = 1000;

interface Atom {
  readonly instructions: number;
  /** How often its counts repeat the innermost part. */
  readonly repeats: number;
}

const literal: Atom = { instructions: 1, repeats: 1 };

/**
 * Measures a pattern without compiling it: `(a{1000}b{1000})c` is short and becomes thousands of
 * instructions. Counts too many rather than too few.
 */
export function measurePattern(pattern: string): PatternSize {
  const scan = new Scan(pattern);
  return scan.run();
}

class Scan {
  readonly #pattern: string;
  #at = 0;
  /** What stands before the place, from the outermost group to the innermost. */
  readonly #groups: { instructions: number; repeats: number; last: Atom | undefined }[] = [
    { instructions: 0, repeats: 1, last: undefined },
  ];
  #nestedRepeat: string | undefined;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  run(): PatternSize {
    while (this.#at < this.#pattern.length) this.#step();
    while (this.#groups.length > 1) this.#close();
    // Every program fails somewhere and matches somewhere, and an empty one has a step between.
    return { instructions: this.#group.instructions + 3, nestedRepeat: this.#nestedRepeat };
  }

  #step(): void {
    const character = this.#pattern[this.#at];
    this.#at++;
    switch (character) {
      case '\\':
        return this.#escape();
      case '[':
        return this.#class();
      case '(':
        this.#groups.push({ instructions: 0, repeats: 1, last: undefined });
        return;
      case ')':
        if (this.#groups.length > 1) this.#close();
        return;
      case '*':
      case '+':
      case '?':
        return this.#repeat(1);
      case '{':
        return this.#count();
      default:
        // Two for `|`, whose sides may be empty.
        return this.#add({ instructions: character === '|' ? 2 : 1, repeats: 1 });
    }
  }

  get #group() {
    return this.#groups.at(-1) as { instructions: number; repeats: number; last: Atom | undefined };
  }

  #add(atom: Atom): void {
    const group = this.#group;
    group.instructions += atom.instructions;
    group.repeats = Math.max(group.repeats, atom.repeats);
    group.last = atom;
  }

  /** A group keeps where it begins and ends, and may be empty. */
  #close(): void {
    const { instructions, repeats } = this.#group;
    this.#groups.pop();
    this.#add({ instructions: instructions + 3, repeats });
  }

  #escape(): void {
    const next = this.#pattern[this.#at];
    this.#at++;
    if (next === 'Q') return this.#quoted();
    const braced = next === 'p' || next === 'P' || next === 'x';
    if (braced && this.#pattern[this.#at] === '{') {
      const end = this.#pattern.indexOf('}', this.#at);
      this.#at = end < 0 ? this.#pattern.length : end + 1;
    }
    this.#add(literal);
  }

  #quoted(): void {
    const end = this.#pattern.indexOf('\\E', this.#at);
    const length = (end < 0 ? this.#pattern.length : end) - this.#at;
    for (let count = 0; count < length; count++) this.#add(literal);
    this.#at += length + (end < 0 ? 0 : 2);
  }

  /** A bracket directly after the opening one stands for itself. */
  #class(): void {
    if (this.#pattern[this.#at] === '^') this.#at++;
    if (this.#pattern[this.#at] === ']') this.#at++;
    for (; this.#at < this.#pattern.length; this.#at++) {
      const character = this.#pattern[this.#at];
      if (character === ']') break;
      if (character === '\\') this.#at++;
      const named = character === '[' && this.#pattern[this.#at + 1] === ':';
      const end = named ? this.#pattern.indexOf(':]', this.#at + 2) : -1;
      if (end >= 0) this.#at = end + 1;
    }
    this.#at++;
    this.#add(literal);
  }

  /** `{2}`, `{2,}` or `{2,5}` after something; any other brace stands for itself. */
  #count(): void {
    const match = /^(\d+)(?:,(\d*))?\}/.exec(this.#pattern.slice(this.#at, this.#at + 12));
    if (match === null) return this.#add(literal);
    const [whole, least = '', most = ''] = match;
    this.#at += whole.length;
    const times = Math.max(1, Number(least), Number(most));
    const repeats = (this.#group.last?.repeats ?? 1) * times;
    if (repeats > repeatsMax) this.#nestedRepeat ??= `{${whole}`;
    this.#repeat(times);
  }

  #repeat(times: number): void {
    const group = this.#group;
    const { last } = group;
    if (last === undefined) return;
    const repeated = {
      instructions: (last.instructions + 2) * times,
      repeats: last.repeats * times,
    };
    group.instructions += repeated.instructions - last.instructions;
    group.repeats = Math.max(group.repeats, repeated.repeats);
    group.last = repeated;
  }
}
