import type { TargetedRequest } from '@fairway/access';
import type { Clock } from '@fairway/host';
import { type ResourceTarget, headerOf } from '@fairway/protocol';
import { isHealthPath } from '@fairway/serving';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import type { Counter, Family, Gauge, Histogram, Metrics } from '@fairway/serving/metrics';

const placeLabels = ['group', 'version', 'resource', 'subresource', 'scope', 'component'];
const component = 'apiserver';

/** Source: kube-apiserver 1.36. */
const durationBounds = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45,
  60,
];
const sizeBounds = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
/** From 50 kB on, 100 kB apart, past the most that a body may have. */
const bodySizeBounds = Array.from({ length: 31 }, (_, index) => 50_000 + index * 100_000);

/** All series of requests that are alike, found once. */
interface RequestSeries {
  readonly countOf: (code: number) => Counter;
  readonly terminationsOf: (code: number) => Counter;
  readonly duration: Histogram;
  readonly sliDuration: Histogram;
  /** Of reads only. */
  readonly responseSizes: Histogram | undefined;
  /** Those that are being answered. */
  readonly running: Gauge | undefined;
}

/** A request that is being answered. */
export interface MeasuredRequest {
  /** Whether the bytes of its answer count. */
  readonly isSizeCounted: boolean;
  /** Called once, when nothing of the answer is under way any more. */
  end(code: number, sentBytes: number): void;
}

/**
 * Counts requests by what they are aimed at, under the names and labels of a kube-apiserver. Only what is
 * served has series, so that callers cannot make any up.
 */
export class RequestMetrics {
  readonly #registry: ResourceRegistry;
  readonly #clock: Clock;
  readonly #total: Family<Counter>;
  readonly #durations: Family<Histogram>;
  readonly #sliDurations: Family<Histogram>;
  readonly #responseSizes: Family<Histogram>;
  readonly #bodySizes: Family<Histogram>;
  readonly #terminations: Family<Counter>;
  readonly #longRunning: Family<Gauge>;
  readonly #mutating: Gauge;
  readonly #reading: Gauge;
  readonly #known = new Map<string, RequestSeries>();
  readonly #knownBodySizes = new Map<string, Histogram>();

  constructor(metrics: Metrics, { registry, clock }: { registry: ResourceRegistry; clock: Clock }) {
    this.#registry = registry;
    this.#clock = clock;
    this.#total = metrics.counter({
      name: 'apiserver_request_total',
      help: 'Requests that were answered, by verb, what they were aimed at, and HTTP code.',
      labels: ['verb', 'dry_run', ...placeLabels, 'code'],
    });
    this.#durations = metrics.histogram({
      name: 'apiserver_request_duration_seconds',
      help: 'Time from a request to the end of its answer.',
      labels: ['verb', 'dry_run', ...placeLabels],
      bounds: durationBounds,
    });
    this.#sliDurations = metrics.histogram({
      name: 'apiserver_request_sli_duration_seconds',
      help: 'Time from a request to the end of its answer, for objectives of service.',
      labels: ['verb', ...placeLabels],
      bounds: durationBounds,
    });
    this.#responseSizes = metrics.histogram({
      name: 'apiserver_response_sizes',
      help: 'Bytes of answers to reads, before compression.',
      labels: ['verb', ...placeLabels],
      bounds: sizeBounds,
    });
    this.#bodySizes = metrics.histogram({
      name: 'apiserver_request_body_size_bytes',
      help: 'Bytes of the bodies of requests that change something.',
      labels: ['group', 'resource', 'verb'],
      bounds: bodySizeBounds,
    });
    this.#terminations = metrics.counter({
      name: 'apiserver_request_terminations_total',
      help: 'Requests that were refused or cut off so that the server can go on: too many, or too late.',
      labels: ['verb', ...placeLabels, 'code'],
    });
    this.#longRunning = metrics.gauge({
      name: 'apiserver_longrunning_requests',
      help: 'Watches, logs and streams that are open.',
      labels: ['verb', ...placeLabels],
    });
    const inFlight = metrics.gauge({
      name: 'apiserver_current_inflight_requests',
      help: 'Requests that are being answered, without those that last.',
      labels: ['request_kind'],
    });
    this.#mutating = inFlight.of('mutating');
    this.#reading = inFlight.of('readOnly');
  }

  /** Undefined for what is not counted. */
  begin(request: TargetedRequest, isLongRunning: boolean): MeasuredRequest | undefined {
    const series = this.#seriesOf(request, isLongRunning);
    if (series === undefined) return undefined;
    const startMs = this.#clock.elapsed();
    const isHealth = !request.target.isResource;
    const { running = isHealth ? undefined : this.#inFlight(request) } = series;
    running?.add(1);
    return {
      isSizeCounted: series.responseSizes !== undefined,
      end: (code, sentBytes) => {
        running?.add(-1);
        const seconds = (this.#clock.elapsed() - startMs) / 1000;
        series.countOf(code).add();
        series.duration.observe(seconds);
        series.sliDuration.observe(seconds);
        series.responseSizes?.observe(sentBytes);
      },
    };
  }

  /** A request that the server has refused or cut off to go on itself; it counts among all others too. */
  terminated(request: TargetedRequest, code: 429 | 504, isLongRunning: boolean): void {
    this.#seriesOf(request, isLongRunning)?.terminationsOf(code).add();
  }

  /** All of a request's body has been read. */
  bodyRead({ target }: TargetedRequest, bytes: number): void {
    if (!target.isResource) return;
    const verb = bodyVerbs[target.verb];
    if (verb === undefined) return;
    const { group, version, plural } = target;
    const key = `${verb} ${group}/${plural}`;
    let series = this.#knownBodySizes.get(key);
    if (series === undefined) {
      if (this.#registry.find(group, version, plural) === undefined) return;
      series = this.#bodySizes.of(group, plural, verb);
      this.#knownBodySizes.set(key, series);
    }
    series.observe(bytes);
  }

  #inFlight({ method }: TargetedRequest): Gauge {
    return method === 'GET' || method === 'HEAD' ? this.#reading : this.#mutating;
  }

  #seriesOf(request: TargetedRequest, isLongRunning: boolean): RequestSeries | undefined {
    const { target } = request;
    if (!target.isResource) return this.#healthSeries(target.path);
    const verb = reportedVerb(request, target, isLongRunning);
    if (verb === undefined) return undefined;
    const { group, version, plural, subresource } = target;
    const dryRun = isDryRun(request) ? 'All' : '';
    const scope = scopeOf(target);
    const key = `${verb} ${group}/${version}/${plural}/${subresource} ${scope} ${dryRun}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const resource = this.#registry.find(group, version, plural);
    if (resource === undefined) return undefined;
    if (subresource !== '' && !resource.subresources.has(subresource)) return undefined;
    const place = [group, version, plural, subresource, scope, component];
    const isRead = verb === 'GET' || verb === 'LIST';
    const made = this.#makeSeries({ verb, dryRun, place, isLongRunning, isRead });
    this.#known.set(key, made);
    return made;
  }

  /** The whole path of a check would let callers make up series. */
  #healthSeries(path: string): RequestSeries | undefined {
    if (!isHealthPath(path)) return undefined;
    const name = `/${path.split('/', 2)[1]}`;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const place = ['', '', '', name, '', component];
    const about = { verb: 'GET', dryRun: '', place, isLongRunning: false, isRead: true };
    const made = this.#makeSeries(about);
    this.#known.set(name, made);
    return made;
  }

  #makeSeries(about: {
    readonly verb: string;
    readonly dryRun: string;
    readonly place: readonly string[];
    readonly isLongRunning: boolean;
    readonly isRead: boolean;
  }): RequestSeries {
    const { verb, dryRun, place, isLongRunning, isRead } = about;
    return {
      countOf: keptByCode((code) => this.#total.of(verb, dryRun, ...place, code)),
      terminationsOf: keptByCode((code) => this.#terminations.of(verb, ...place, code)),
      duration: this.#durations.of(verb, dryRun, ...place),
      sliDuration: this.#sliDurations.of(verb, ...place),
      responseSizes: isRead && !isLongRunning ? this.#responseSizes.of(verb, ...place) : undefined,
      running: isLongRunning ? this.#longRunning.of(verb, ...place) : undefined,
    };
  }
}

function keptByCode(find: (code: string) => Counter): (code: number) => Counter {
  const known = new Map<number, Counter>();
  return (code) => {
    let counter = known.get(code);
    if (counter === undefined) {
      counter = find(String(code));
      known.set(code, counter);
    }
    return counter;
  };
}

/** Source: kube-apiserver, handlers/metrics. */
const bodyVerbs: Readonly<Partial<Record<string, string>>> = {
  create: 'create',
  update: 'update',
  patch: 'patch',
  delete: 'delete',
  deletecollection: 'delete_collection',
};

const reportedVerbs: Readonly<Record<string, string>> = {
  get: 'GET',
  list: 'LIST',
  watch: 'WATCH',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETECOLLECTION',
};

const connectSubresources: ReadonlySet<string> = new Set([
  'attach',
  'exec',
  'portforward',
  'proxy',
]);

/** Undefined for a method that no resource has. */
function reportedVerb(
  { headers }: TargetedRequest,
  { verb, subresource }: ResourceTarget,
  isLongRunning: boolean,
): string | undefined {
  if (isLongRunning && connectSubresources.has(subresource)) return 'CONNECT';
  if (verb === 'patch' && headerOf(headers, 'content-type')?.includes('apply-patch') === true) {
    return 'APPLY';
  }
  return Object.hasOwn(reportedVerbs, verb) ? reportedVerbs[verb] : undefined;
}

/** What of a resource is meant. Source: kube-apiserver, `CleanScope`. */
function scopeOf({ name, namespace, verb }: ResourceTarget): string {
  if (name !== '' || verb === 'create') return 'resource';
  return namespace === '' ? 'cluster' : 'namespace';
}

function isDryRun({ query, method }: TargetedRequest): boolean {
  return query !== '' && method !== 'GET' && /(?:^|&)dryRun=All(?:&|$)/.test(query);
}
