import type { Clock } from '@fairway/host';
import type { Turn } from './request-queue.ts';
import type { Counter, Family, Gauge, Histogram, Metrics } from '@fairway/serving/metrics';

const labels = ['priority_level', 'flow_schema'];
/** Source: kube-apiserver 1.36. */
const waitBounds = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];

/** Whose requests are counted together. */
export interface Flow {
  readonly levelName: string;
  readonly schemaName: string;
}

/** All series of one schema and its level, found once. */
interface FlowSeries {
  readonly waiting: Gauge;
  readonly running: Gauge;
  readonly dispatched: Counter;
  readonly rejectedFor: (reason: string) => Counter;
  readonly waitBefore: (isRun: boolean) => Histogram;
}

/** Counts who waits, who runs and who is refused, under the names and labels of a kube-apiserver. */
export class FairnessMetrics {
  readonly #clock: Clock;
  readonly #waiting: Family<Gauge>;
  readonly #running: Family<Gauge>;
  readonly #dispatched: Family<Counter>;
  readonly #rejected: Family<Counter>;
  readonly #waits: Family<Histogram>;
  readonly #known = new Map<string, FlowSeries>();

  constructor(metrics: Metrics, clock: Clock) {
    this.#clock = clock;
    this.#waiting = metrics.gauge({
      name: 'apiserver_flowcontrol_current_inqueue_requests',
      help: 'Requests that wait for seats of their priority level.',
      labels,
    });
    this.#running = metrics.gauge({
      name: 'apiserver_flowcontrol_current_executing_requests',
      help: 'Requests that have seats of their priority level.',
      labels,
    });
    this.#dispatched = metrics.counter({
      name: 'apiserver_flowcontrol_dispatched_requests_total',
      help: 'Requests that were given seats.',
      labels,
    });
    this.#rejected = metrics.counter({
      name: 'apiserver_flowcontrol_rejected_requests_total',
      help: 'Requests that were refused, by why.',
      labels: [...labels, 'reason'],
    });
    this.#waits = metrics.histogram({
      name: 'apiserver_flowcontrol_request_wait_duration_seconds',
      help: 'Time from a request to its seats, or to its refusal.',
      labels: [...labels, 'execute'],
      bounds: waitBounds,
    });
  }

  /** The same turn, counted: when it is decided, and when its request is over. */
  counted(flow: Flow, turn: Turn | Promise<Turn>): Turn | Promise<Turn> {
    const series = this.#seriesOf(flow);
    if (!(turn instanceof Promise)) return decided(series, turn, 0);
    const startMs = this.#clock.elapsed();
    series.waiting.add(1);
    return turn.then((after) => {
      series.waiting.add(-1);
      return decided(series, after, this.#clock.elapsed() - startMs);
    });
  }

  #seriesOf({ levelName, schemaName }: Flow): FlowSeries {
    const key = `${levelName}/${schemaName}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const values = [levelName, schemaName] as const;
    const made: FlowSeries = {
      waiting: this.#waiting.of(...values),
      running: this.#running.of(...values),
      dispatched: this.#dispatched.of(...values),
      rejectedFor: (reason) => this.#rejected.of(...values, reason),
      waitBefore: (isRun) => this.#waits.of(...values, String(isRun)),
    };
    this.#known.set(key, made);
    return made;
  }
}

function decided(series: FlowSeries, turn: Turn, waitMs: number): Turn {
  series.waitBefore(turn.kind === 'runs').observe(waitMs / 1000);
  if (turn.kind === 'refused') {
    series.rejectedFor(turn.because).add();
    return turn;
  }
  series.dispatched.add();
  series.running.add(1);
  let hasLeft = false;
  const leave = (): void => {
    if (!hasLeft) series.running.add(-1);
    hasLeft = true;
    turn.leave();
  };
  return { kind: 'runs', leave };
}
