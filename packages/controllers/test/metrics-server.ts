import type { Handler, HttpRequest, HttpResponse } from '@fairway/protocol';

/** What a metrics server and an adapter of metrics answer, before an API server that has none. */
export class MetricsServer {
  /** By the path that is asked for. */
  readonly answers = new Map<string, unknown>();
  /** What was asked, path and query, in order. */
  readonly asked: string[] = [];

  around(next: Handler): Handler {
    return async (request) => {
      if (!/^\/apis\/([a-z]+\.)?metrics\.k8s\.io/.test(request.path)) return next(request);
      const { query } = request;
      this.asked.push(query === '' ? request.path : `${request.path}?${query}`);
      return this.#answer(request) ?? next(request);
    };
  }

  /** What one container of each pod uses of resources. */
  use(namespace: string, usage: Readonly<Record<string, Readonly<Record<string, string>>>>): void {
    const items = Object.entries(usage).map(([name, amounts]) => ({
      metadata: { name, namespace },
      timestamp: '2026-01-01T00:00:00Z',
      window: '30s',
      containers: [{ name: 'main', usage: amounts }],
    }));
    this.answers.set(`/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`, {
      kind: 'PodMetricsList',
      apiVersion: 'metrics.k8s.io/v1beta1',
      metadata: {},
      items,
    });
  }

  /** Values at a path of the custom or the external API, by the objects that have them. */
  measure(path: string, values: Readonly<Record<string, string>>): void {
    this.answers.set('/apis/custom.metrics.k8s.io', {
      kind: 'APIGroup',
      name: 'custom.metrics.k8s.io',
      preferredVersion: { groupVersion: 'custom.metrics.k8s.io/v1beta2', version: 'v1beta2' },
    });
    const items = Object.entries(values).map(([name, value]) => ({
      describedObject: { name },
      timestamp: '2026-01-01T00:00:00Z',
      windowSeconds: 60,
      value,
    }));
    this.answers.set(path, { kind: 'MetricValueList', metadata: {}, items });
  }

  #answer({ path }: HttpRequest): HttpResponse | undefined {
    const answer = this.answers.get(path);
    if (answer === undefined) return undefined;
    const body = Buffer.from(JSON.stringify(answer));
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
}
