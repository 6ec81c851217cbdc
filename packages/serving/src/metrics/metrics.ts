/** What a metric is called, what it tells, and by what it is broken out. */
export interface MetricShape {
  readonly name: string;
  readonly help: string;
  /** Names, in the order in which values are given. */
  readonly labels?: readonly string[];
}

export interface HistogramShape extends MetricShape {
  /** Upper bounds of the buckets, ascending; the one without a bound is not among them. */
  readonly bounds: readonly number[];
}

/** Grows only. */
export class Counter {
  #value = 0;

  get value(): number {
    return this.#value;
  }

  add(by = 1): void {
    this.#value += by;
  }
}

/** Goes up and down. */
export class Gauge {
  #value = 0;

  get value(): number {
    return this.#value;
  }

  set(value: number): void {
    this.#value = value;
  }

  add(by = 1): void {
    this.#value += by;
  }
}

/** How many observations were not above each bound, their number and their sum. */
export class Histogram {
  readonly bounds: readonly number[];
  /** Those of each bucket alone; the last one has no bound. */
  readonly counts: Float64Array;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  get sum(): number {
    return this.#sum;
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let bucket = 0;
    // Most requests are in the first buckets.
    while (bucket < bounds.length && value > (bounds[bucket] ?? Infinity)) bucket++;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }
}

/** One metric: a series for each combination of label values that has been asked for. */
export class Family<Series> {
  readonly shape: MetricShape;
  readonly #make: () => Series;
  readonly #series = new Map<string, LabelledSeries<Series>>();

  constructor(shape: MetricShape, make: () => Series) {
    this.shape = shape;
    this.#make = make;
  }

  get all(): Iterable<LabelledSeries<Series>> {
    return this.#series.values();
  }

  /**
   * The series of these values, in the order of the shape's labels, the same one each time. Finding it
   * costs more than counting: who counts often keeps it. Values are never what a caller has made up.
   */
  of(...values: readonly string[]): Series {
    const key = values.join('\n');
    const known = this.#series.get(key);
    if (known !== undefined) return known.series;
    const made = { values, series: this.#make() };
    this.#series.set(key, made);
    return made.series;
  }

  /** Forgets every series: for what is counted anew each time that somebody looks. */
  clear(): void {
    this.#series.clear();
  }
}

export interface LabelledSeries<Series> {
  readonly values: readonly string[];
  readonly series: Series;
}

export type MetricFamily = Family<Counter> | Family<Gauge> | Family<Histogram>;

/**
 * The metrics of one server. Whoever has something to count asks for a family once, at its start.
 *
 * Errors: throws for a name that is taken.
 */
export class Metrics {
  readonly #families = new Map<string, MetricFamily>();
  readonly #collectors: (() => void | Promise<void>)[] = [];

  counter(shape: MetricShape): Family<Counter> {
    return this.#added(new Family(shape, () => new Counter()));
  }

  gauge(shape: MetricShape): Family<Gauge> {
    return this.#added(new Family(shape, () => new Gauge()));
  }

  histogram(shape: HistogramShape): Family<Histogram> {
    return this.#added(new Family(shape, () => new Histogram(shape.bounds)));
  }

  /** Runs `collect` whenever somebody looks, before: for what need not be counted meanwhile. */
  beforeReading(collect: () => void | Promise<void>): void {
    this.#collectors.push(collect);
  }

  /** All of them as they are now, by name. */
  async read(): Promise<readonly MetricFamily[]> {
    await Promise.all(this.#collectors.map(async (collect) => collect()));
    return [...this.#families.values()].sort((a, b) => (a.shape.name < b.shape.name ? -1 : 1));
  }

  #added<F extends MetricFamily>(family: F): F {
    const { name } = family.shape;
    if (this.#families.has(name)) throw new Error(`there are two metrics ${name}`);
    this.#families.set(name, family);
    return family;
  }
}
