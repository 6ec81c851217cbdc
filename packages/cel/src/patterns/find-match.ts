import type { Effort } from './effort.ts';
import { type Instruction, type Pattern, leadOn, placeBetween, takes, textEnd } from './pattern.ts';

/** Where to look for a match, and how much may be done. */
export interface MatchSearch {
  readonly text: string;
  /** In UTF-16 units. */
  readonly from: number;
  readonly effort: Effort;
}

/** Places in the program that wait for the next rune, the most wanted first, and where each began. */
interface Threads {
  readonly places: number[];
  readonly starts: number[];
}

/**
 * The first match at or after a place, and of those the one that Go's regexp prefers. Runs all
 * alternatives side by side, in order of preference. Undefined also when the effort is spent.
 *
 * Source: Cox, "Regular Expression Matching: the Virtual Machine Approach", "Pike's implementation".
 */
export function findMatch(
  pattern: Pattern,
  { text, from, effort }: MatchSearch,
): { readonly start: number; readonly end: number } | undefined {
  const { program, start } = pattern;
  effort.add(program.length >> 3);
  const reached = new Int32Array(program.length);
  let threads: Threads = { places: [], starts: [] };
  let found: { readonly start: number; readonly end: number } | undefined;
  let before = from === 0 ? textEnd : runeBefore(text, from);
  let turn = 0;
  for (let at = from; ;) {
    const rune = text.codePointAt(at) ?? textEnd;
    const place = placeBetween(before, rune);
    turn++;
    const waiting: Threads = { places: [], starts: [] };
    const follow = { program, reached, turn, place, waiting };
    let isDecided = false;
    for (let index = 0; index < threads.places.length && !isDecided; index++) {
      const began = threads.starts[index] as number;
      isDecided = followThread(follow, threads.places[index] as number, began);
      if (isDecided) found = { start: began, end: at };
    }
    if (!isDecided && found === undefined && followThread(follow, start, at)) {
      found = { start: at, end: at };
    }
    effort.add(4 + 4 * waiting.places.length);
    if (rune === textEnd || effort.isSpent) return found;
    if (waiting.places.length === 0 && found !== undefined) return found;
    threads = consume(program, waiting, rune);
    before = rune;
    at += rune > 0xffff ? 2 : 1;
  }
}

interface Following {
  readonly program: readonly Instruction[];
  readonly reached: Int32Array;
  readonly turn: number;
  readonly place: number;
  readonly waiting: Threads;
}

/** Goes on from a place as far as no rune is needed; true at a match, which ends what is less wanted. */
function followThread(
  { program, reached, turn, place, waiting }: Following,
  from: number,
  began: number,
): boolean {
  const stack = [from];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (reached[at] === turn) continue;
    reached[at] = turn;
    const led = leadOn(program[at] as Instruction, place, stack);
    if (led === 'match') return true;
    if (led === 'on') continue;
    waiting.places.push(at);
    waiting.starts.push(began);
  }
  return false;
}

function consume(program: readonly Instruction[], waiting: Threads, rune: number): Threads {
  const threads: Threads = { places: [], starts: [] };
  waiting.places.forEach((at, index) => {
    const instruction = program[at] as Instruction;
    if (!takes(instruction, rune)) return;
    threads.places.push(instruction.out);
    threads.starts.push(waiting.starts[index] as number);
  });
  return threads;
}

function runeBefore(text: string, at: number): number {
  const low = text.charCodeAt(at - 1);
  const isPair = (low & 0xfc00) === 0xdc00 && at > 1;
  return isPair ? (text.codePointAt(at - 2) ?? low) : low;
}
