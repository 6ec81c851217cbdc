import type { Clock } from '@fairway/host';

/** Answers that hold for a while, by their questions. Of more than `answersMax` the oldest is let go of. */
export class KeptAnswers<Answer> {
  readonly #clock: Clock;
  readonly #answersMax: number;
  /** The one kept longest first. */
  readonly #kept = new Map<string, { readonly answer: Answer; readonly endMs: number }>();

  constructor(clock: Clock, answersMax: number) {
    this.#clock = clock;
    this.#answersMax = answersMax;
  }

  get(key: string): Answer | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined || kept.endMs > this.#clock.elapsed()) return kept?.answer;
    this.#kept.delete(key);
    return undefined;
  }

  /** Zero: not at all. */
  keep(key: string, answer: Answer, ttlMs: number): void {
    if (ttlMs === 0) return;
    this.#kept.delete(key);
    this.#kept.set(key, { answer, endMs: this.#clock.elapsed() + ttlMs });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#answersMax && oldest !== undefined) this.#kept.delete(oldest);
  }
}
