import type { Client } from '@fairway/client';
import {
  ApiError,
  type HttpBody,
  type LabelSelector,
  type ResourceDescriptor,
  collectBody,
  formatLabelSelector,
  groupResourceOf,
  milliOf,
  parseDuration,
  parseTime,
} from '@fairway/protocol';
import type { PodMeasure, PodMeasures } from './pod-usage.ts';

/** Metrics could not be had; the message is what users see. */
export class MetricsError extends Error {
  override readonly name = 'MetricsError';
}

/** The three APIs by which metrics come: of resources, of objects in the cluster, of anything else. */
export class MetricsApi {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /**
   * What pods use of a resource, all their containers together or one of them.
   *
   * Errors: `MetricsError`, as below.
   */
  async ofPodResources(
    resource: string,
    where: MetricsPlace & { readonly container?: string },
  ): Promise<PodMeasures> {
    const { namespace, container, selector, signal } = where;
    const list = await this.#get<PodMetricsList>('resource metrics API', {
      path: `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`,
      query: { labelSelector: formatLabelSelector(selector) },
      resource: 'pods.metrics.k8s.io',
      signal,
    });
    const items = list.items ?? [];
    if (items.length === 0) throw new MetricsError('no metrics returned from resource metrics API');
    const measures = new Map<string, PodMeasure>();
    for (const { metadata, containers = [], timestamp, window } of items) {
      const { name: pod = '' } = metadata ?? {};
      const counted = containers.filter(
        ({ name }) => container === undefined || name === container,
      );
      if (container !== undefined && counted.length === 0) {
        const place = `${namespace}/${pod}`;
        throw new MetricsError(`container ${container} not present in metrics for pod ${place}`);
      }
      // A container of which nothing is known yet: nothing can be said of its pod.
      if (counted.some(({ usage }) => usage?.[resource] === undefined)) continue;
      const milli = counted.reduce((sum, { usage }) => sum + milliOf(usage?.[resource]), 0);
      measures.set(pod, {
        milli,
        atMs: parseTime(timestamp ?? '') ?? 0,
        windowMs: windowMs(window),
      });
    }
    return measures;
  }

  /** What is measured of each pod. */
  async ofPods(
    metric: MetricName,
    { namespace, selector, signal }: MetricsPlace,
  ): Promise<PodMeasures> {
    const { items = [] } = await this.#custom(`namespaces/${namespace}/pods/*`, metric, {
      signal,
      resource: 'pods',
      query: { labelSelector: formatLabelSelector(selector) },
    });
    if (items.length === 0) throw new MetricsError('no metrics returned from custom metrics API');
    return new Map(
      items.map(({ describedObject, timestamp, windowSeconds, value }) => [
        describedObject?.name ?? '',
        {
          milli: milliOf(value),
          atMs: parseTime(timestamp ?? '') ?? 0,
          windowMs: (windowSeconds ?? 60) * 1_000,
        },
      ]),
    );
  }

  /** What is measured of one object, in thousandths. */
  async ofObject(
    metric: MetricName,
    object: { readonly resource: ResourceDescriptor; readonly name: string },
    { namespace, signal }: Omit<MetricsPlace, 'selector'>,
  ): Promise<number> {
    const { resource, name } = object;
    const within = resource.isNamespaced ? `namespaces/${namespace}/` : '';
    const qualified = groupResourceOf(resource);
    const isNamespace = qualified === 'namespaces';
    const place = isNamespace ? `namespaces/${name}/metrics` : `${within}${qualified}/${name}`;
    const { items: [value] = [] } = await this.#custom(place, metric, {
      signal,
      resource: qualified,
      query: {},
    });
    if (value === undefined) throw new MetricsError('no metrics returned from custom metrics API');
    return milliOf(value.value);
  }

  /** What is measured of something outside of the cluster: all its series together, in thousandths. */
  async ofExternal(
    metric: MetricName,
    { namespace, signal }: Omit<MetricsPlace, 'selector'>,
  ): Promise<number> {
    const { items = [] } = await this.#get<MetricValueList>('external metrics API', {
      path: `/apis/external.metrics.k8s.io/v1beta1/namespaces/${namespace}/${encodeURIComponent(metric.name)}`,
      query: selectorQuery('labelSelector', metric),
      resource: `${metric.name}.external.metrics.k8s.io`,
      signal,
    });
    if (items.length === 0) throw new MetricsError('no metrics returned from external metrics API');
    return items.reduce((sum, { value }) => sum + milliOf(value), 0);
  }

  async #custom(
    place: string,
    metric: MetricName,
    asked: {
      readonly signal: AbortSignal;
      readonly resource: string;
      readonly query: Readonly<Record<string, string>>;
    },
  ): Promise<MetricValueList> {
    const version = await this.#customVersion(asked.signal);
    return this.#get('custom metrics API', {
      path: `/apis/custom.metrics.k8s.io/${version}/${place}/${encodeURIComponent(metric.name)}`,
      query: { ...asked.query, ...selectorQuery('metricLabelSelector', metric) },
      resource: `${asked.resource}.custom.metrics.k8s.io`,
      signal: asked.signal,
    });
  }

  /** Adapters speak either version of it. */
  async #customVersion(signal: AbortSignal): Promise<string> {
    const group = 'custom.metrics.k8s.io';
    try {
      const response = await this.#client.request({ path: `/apis/${group}`, signal });
      const { preferredVersion } = await readJson<ApiGroup>(response.body);
      if (preferredVersion !== undefined) return preferredVersion.version;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code !== 404) throw unable('custom metrics API', error.message);
    }
    throw unable('custom metrics API', `no custom metrics API (${group}) registered`);
  }

  async #get<T>(
    api: string,
    asked: {
      readonly path: string;
      readonly query: Readonly<Record<string, string>>;
      readonly resource: string;
      readonly signal: AbortSignal;
    },
  ): Promise<T> {
    const { path, query, resource, signal } = asked;
    try {
      return await readJson((await this.#client.request({ path, query, signal })).body);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      throw unable(api, saidOf(error, resource));
    }
  }
}

/** Where metrics are asked for. */
export interface MetricsPlace {
  readonly namespace: string;
  /** The pods that are meant. */
  readonly selector: LabelSelector;
  readonly signal: AbortSignal;
}

/** A metric by its name, and which of its series are meant. */
export interface MetricName {
  readonly name: string;
  readonly selector?: LabelSelector;
}

interface ApiGroup {
  readonly preferredVersion?: { readonly version: string };
}

// Source: metrics.k8s.io/v1beta1.
interface PodMetricsList {
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly timestamp?: string;
    readonly window?: string;
    readonly containers?: readonly {
      readonly name: string;
      readonly usage?: Readonly<Record<string, string>>;
    }[];
  }[];
}

// Source: custom.metrics.k8s.io/v1beta1 and v1beta2, external.metrics.k8s.io/v1beta1.
interface MetricValueList {
  readonly items?: readonly {
    readonly describedObject?: { readonly name?: string };
    readonly timestamp?: string;
    readonly windowSeconds?: number;
    readonly value?: string;
  }[];
}

function selectorQuery(field: string, { selector }: MetricName): Readonly<Record<string, string>> {
  const text = selector === undefined ? '' : formatLabelSelector(selector);
  return text === '' ? {} : { [field]: text };
}

function unable(api: string, why: string): MetricsError {
  return new MetricsError(`unable to fetch metrics from ${api}: ${why}`);
}

/** An API that is not there says so in no words of its own. */
function saidOf({ code, message, status }: ApiError, resource: string): string {
  const isGeneric = status.details?.name === undefined;
  if (code === 404 && isGeneric) {
    return `the server could not find the requested resource (get ${resource})`;
  }
  if (code === 503 && isGeneric) {
    return `the server is currently unable to handle the request (get ${resource})`;
  }
  return message;
}

function windowMs(window: string | undefined): number {
  return parseDuration(window ?? '') ?? 0;
}

/** Measures of some 100,000 pods. */
const bodyBytesMax = 64 * 1024 * 1024;

async function readJson<T>(body: HttpBody): Promise<T> {
  const tooLong = (): MetricsError =>
    new MetricsError(`the metrics are larger than ${bodyBytesMax} bytes`);
  const text = Buffer.from(await collectBody(body, { bytesMax: bodyBytesMax, tooLong })).toString();
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new MetricsError('the metrics API has answered with what is no JSON');
  }
}
