interface Promised {
  readonly limit: number;
  readonly unit: string;
  worst: number;
}

/** What was promised and what was seen: figures with limits, and what must never happen. */
export class Report {
  readonly #promised = new Map<string, Promised>();
  readonly #counts = new Map<string, number>();
  readonly #broken: string[] = [];

  /** A figure that must not exceed its limit; the worst one is told. */
  measure(what: string, value: number, { limit, unit }: { limit: number; unit: string }): void {
    const known = this.#promised.get(what) ?? { limit, unit, worst: -Infinity };
    known.worst = Math.max(known.worst, value);
    this.#promised.set(what, known);
  }

  /** Something that is worth knowing how often it happened. */
  count(what: string, by = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + by);
  }

  /** A promise that was broken, with what shows it. */
  broken(what: string): void {
    this.#broken.push(what);
  }

  /** Prints everything; answers whether all promises were kept. */
  print(): boolean {
    for (const [what, count] of [...this.#counts].sort()) console.log(row(what, String(count)));
    const over: string[] = [];
    for (const [what, { worst, limit, unit }] of this.#promised) {
      const figure = `${worst.toFixed(worst < 10 ? 2 : 0)} ${unit}`;
      const promised = Number.isFinite(limit) ? ` (promised: at most ${limit} ${unit})` : '';
      console.log(row(what, `${figure}${promised}`));
      if (worst > limit) over.push(`${what}: ${figure}, more than ${limit} ${unit}`);
    }
    const failures = [...this.#broken, ...over];
    for (const failure of failures.slice(0, failuresShown)) console.log(`BROKEN  ${failure}`);
    if (failures.length > failuresShown)
      console.log(`… and ${failures.length - failuresShown} more`);
    return failures.length === 0;
  }
}

const failuresShown = 30;

function row(what: string, value: string): string {
  return `${what.padEnd(58)} ${value}`;
}
