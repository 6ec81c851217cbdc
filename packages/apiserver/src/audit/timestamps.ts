/** Times as events have them, with microseconds; most events of a moment have the same second. */
export class Timestamps {
  #second = Number.NaN;
  #prefix = '';

  /** `2026-01-01T00:00:00.123000Z`. Unit: milliseconds since 1970. */
  of(timeMs: number): string {
    const second = Math.floor(timeMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#prefix = new Date(second * 1000).toISOString().slice(0, 20);
    }
    const rest = Math.floor(timeMs - second * 1000);
    return `${this.#prefix}${String(rest).padStart(3, '0')}000Z`;
  }
}
