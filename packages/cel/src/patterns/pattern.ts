import type { Effort } from './effort.ts';

/** One instruction of a program, as the library makes it. */
export interface Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  readonly runes: readonly number[];
  matchRune(rune: number): boolean;
}

/** What the library makes of a pattern. */
export interface PatternProgram {
  readonly inst: readonly Instruction[];
  readonly start: number;
  startCond(): number;
}

/** The kinds of instructions. Source: Go, regexp/syntax, `InstOp`. */
const ops = {
  alternative: 1,
  alternativeMatch: 2,
  capture: 3,
  emptyWidth: 4,
  fail: 5,
  match: 6,
  nothing: 7,
  rune: 8,
  oneRune: 9,
  anyRune: 10,
  anyRuneButNewline: 11,
} as const;

/** What an empty-width instruction asks of its place. Source: Go, regexp/syntax, `EmptyOp`. */
const beginLine = 1;
const endLine = 2;
const beginText = 4;
const endText = 8;
const wordBoundary = 16;
const noWordBoundary = 32;

/** What stands where the text is over. */
export const textEnd = -1;

/** From here on the next text begins at turn 0 again: turns are kept in 32 bits, and one text has fewer than 2^30. */
const turnsMax = 2 ** 30;

/**
 * A compiled pattern. It runs all alternatives of its program side by side, so that a text takes at
 * most its length times the size of the program, and keeps nothing of a text.
 *
 * Source: Thompson 1968; Cox, "Regular Expression Matching: the Virtual Machine Approach".
 */
export class Pattern {
  readonly program: readonly Instruction[];
  readonly start: number;
  readonly #isAnchored: boolean;
  /** For the next search, since most texts are short. */
  #idle: Threads | undefined;

  constructor(program: PatternProgram) {
    this.program = program.inst;
    this.start = program.start;
    this.#isAnchored = (program.startCond() & beginText) !== 0;
  }

  /** How many instructions it has. */
  get size(): number {
    return this.program.length;
  }

  /** Begins to look for a match anywhere in a text. */
  search(text: string, effort: Effort): PatternSearch {
    const threads = this.#idle ?? new Threads(this.program);
    this.#idle = undefined;
    const start = { place: this.start, isAnchored: this.#isAnchored };
    const release = (): void => {
      threads.reset();
      this.#idle = threads;
    };
    return new PatternSearch(threads, start, { text, effort, release });
  }
}

/** A search for one pattern in one text, which can be left and taken up again. */
export class PatternSearch {
  readonly #threads: Threads;
  readonly #start: { readonly place: number; readonly isAnchored: boolean };
  readonly #text: string;
  readonly #effort: Effort;
  readonly #release: () => void;
  #at = 0;
  #before = textEnd;

  constructor(
    threads: Threads,
    start: { readonly place: number; readonly isAnchored: boolean },
    { text, effort, release }: SearchedText,
  ) {
    this.#threads = threads;
    this.#start = start;
    this.#text = text;
    this.#effort = effort;
    this.#release = release;
  }

  /**
   * Goes on until it is known whether the text matches. Undefined when a pause is due before; false
   * when the effort is spent before.
   */
  goOn(): boolean | undefined {
    const found = this.#run();
    if (found !== undefined) this.#release();
    return found;
  }

  #run(): boolean | undefined {
    const threads = this.#threads;
    const { place: start, isAnchored } = this.#start;
    for (;;) {
      const rune = this.#text.codePointAt(this.#at) ?? textEnd;
      const starts = this.#at === 0 || !isAnchored;
      if (threads.follow(starts ? start : undefined, placeBetween(this.#before, rune))) return true;
      this.#effort.add(threads.steps);
      if (rune === textEnd || (threads.isEmpty && isAnchored)) return false;
      threads.consume(rune);
      this.#before = rune;
      this.#at += rune > 0xffff ? 2 : 1;
      if (this.#effort.isSpent) return false;
      if (this.#effort.isPauseDue()) return undefined;
    }
  }
}

interface SearchedText {
  readonly text: string;
  readonly effort: Effort;
  /** Called once, when the search is over. */
  readonly release: () => void;
}

/** Which places in the program are reached, between two runes of the text. */
class Threads {
  readonly #program: readonly Instruction[];
  /** Places that a rune has led to, whose empty instructions are not yet followed. */
  readonly #seeds: Int32Array;
  #seedCount = 0;
  /** Places that wait for the next rune. */
  readonly #waiting: Int32Array;
  #waitingCount = 0;
  /** The number of the turn in which a place was reached last. */
  readonly #reached: Int32Array;
  #turn = 0;
  readonly #stack: number[] = [];
  /** How many instructions the last turn looked at. */
  steps = 0;

  constructor(program: readonly Instruction[]) {
    this.#program = program;
    this.#seeds = new Int32Array(program.length);
    this.#waiting = new Int32Array(program.length);
    this.#reached = new Int32Array(program.length);
  }

  /** Forgets the text. What was reached is told from what will be by the number of the turn. */
  reset(): void {
    this.#seedCount = 0;
    this.#waitingCount = 0;
    this.#stack.length = 0;
    if (this.#turn < turnsMax) return;
    this.#turn = 0;
    this.#reached.fill(0);
  }

  get isEmpty(): boolean {
    return this.#waitingCount === 0;
  }

  /** Goes on from where the last rune led, and from `start`; true when the program has matched. */
  follow(start: number | undefined, place: number): boolean {
    this.#turn++;
    this.#waitingCount = 0;
    this.steps = this.#seedCount + 2;
    const stack = this.#stack;
    for (let each = 0; each < this.#seedCount; each++) stack.push(this.#seeds[each] as number);
    if (start !== undefined) stack.push(start);
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (this.#reached[at] === this.#turn) continue;
      this.#reached[at] = this.#turn;
      this.steps += 2;
      const led = leadOn(this.#program[at] as Instruction, place, stack);
      if (led === 'match') return true;
      if (led === 'rune') this.#waiting[this.#waitingCount++] = at;
    }
    return false;
  }

  /** Moves on those that take this rune. */
  consume(rune: number): void {
    this.#seedCount = 0;
    for (let each = 0; each < this.#waitingCount; each++) {
      const instruction = this.#program[this.#waiting[each] as number] as Instruction;
      if (takes(instruction, rune)) this.#seeds[this.#seedCount++] = instruction.out;
    }
  }
}

/**
 * Follows one instruction as far as that needs no rune: where it leads to goes on the stack, the most
 * wanted last. `rune` for one that takes a rune, `match` at the end of the program.
 */
export function leadOn(
  { op, out, arg }: Instruction,
  place: number,
  stack: number[],
): 'match' | 'rune' | 'on' {
  switch (op) {
    case ops.match:
      return 'match';
    case ops.fail:
      return 'on';
    case ops.alternative:
    case ops.alternativeMatch:
      stack.push(arg, out);
      return 'on';
    case ops.capture:
    case ops.nothing:
      stack.push(out);
      return 'on';
    case ops.emptyWidth:
      if ((arg & ~place) === 0) stack.push(out);
      return 'on';
    default:
      return 'rune';
  }
}

export function takes(instruction: Instruction, rune: number): boolean {
  switch (instruction.op) {
    case ops.oneRune:
      return rune === instruction.runes[0];
    case ops.anyRune:
      return true;
    case ops.anyRuneButNewline:
      return rune !== 0x0a;
    default:
      return instruction.matchRune(rune);
  }
}

/** What holds between two runes, one of which may be the end of the text. */
export function placeBetween(before: number, after: number): number {
  let place = isWord(before) === isWord(after) ? noWordBoundary : wordBoundary;
  if (before === textEnd) place |= beginText | beginLine;
  else if (before === 0x0a) place |= beginLine;
  if (after === textEnd) place |= endText | endLine;
  else if (after === 0x0a) place |= endLine;
  return place;
}

/** `[0-9A-Za-z_]`; only these are of words for RE2. */
function isWord(rune: number): boolean {
  return (
    (rune >= 0x61 && rune <= 0x7a) ||
    (rune >= 0x41 && rune <= 0x5a) ||
    (rune >= 0x30 && rune <= 0x39) ||
    rune === 0x5f
  );
}
