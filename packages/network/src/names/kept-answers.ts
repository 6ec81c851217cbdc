import { type RecordPlace, recordPlaces } from './message-layout.ts';
import { agedAnswer, secondsToKeep } from './time-to-live.ts';

/** Answers that are kept, and their bytes; the one asked for least recently is let go of. */
const answersMax = 10_000;
const keptBytesMax = 8 * 1024 * 1024;

interface KeptAnswer {
  readonly message: Buffer;
  readonly records: readonly RecordPlace[];
  readonly receivedMs: number;
  readonly untilMs: number;
}

/** Answers of other servers, for as long as they say and 30 seconds at the most. */
export class KeptAnswers {
  readonly #answers = new Map<string, KeptAnswer>();
  #bytes = 0;

  /** What is kept under a key, with what is left of the time of its records. */
  get(key: string, nowMs: number): Buffer | undefined {
    const kept = this.#answers.get(key);
    if (kept === undefined) return undefined;
    this.#remove(key, kept);
    if (kept.untilMs <= nowMs) return undefined;
    this.#add(key, kept);
    const ageSeconds = Math.floor((nowMs - kept.receivedMs) / 1000);
    return agedAnswer(kept.message, kept.records, ageSeconds);
  }

  /** Keeps an answer, if it may be. */
  put(key: string, answer: Buffer, nowMs: number): void {
    const known = this.#answers.get(key);
    if (known !== undefined) this.#remove(key, known);
    const records = recordPlaces(answer);
    const seconds = records === undefined ? 0 : secondsToKeep(answer, records);
    if (records === undefined || seconds === 0) return;
    // What was received may be a part of a larger piece of memory.
    const message = Buffer.from(answer);
    this.#add(key, { message, records, receivedMs: nowMs, untilMs: nowMs + seconds * 1000 });
    for (const [oldest, each] of this.#answers) {
      if (this.#answers.size <= answersMax && this.#bytes <= keptBytesMax) return;
      this.#remove(oldest, each);
    }
  }

  #add(key: string, answer: KeptAnswer): void {
    this.#answers.set(key, answer);
    this.#bytes += answer.message.length;
  }

  #remove(key: string, answer: KeptAnswer): void {
    this.#answers.delete(key);
    this.#bytes -= answer.message.length;
  }
}
