import { type AnyObject, type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { settle } from '@fairway/host/testing';
import type { HttpRequest, HttpResponse } from '@fairway/protocol';
import type { Upstream } from '@fairway/serving';
import type { Dial, ExtensionEndpoint } from '../src/calls/dial.ts';

export const group = 'tides.example';
export const root = `/apis/${group}/v1beta1`;
const services = '/apis/apiregistration.k8s.io/v1/apiservices';

export interface ExtensionAsked {
  readonly endpoint: ExtensionEndpoint;
  readonly request: HttpRequest;
}

/** What is asked of a server behind a service, and what it answers: a list of tides unless told. */
export interface Extension {
  readonly dial: Dial;
  readonly asked: ExtensionAsked[];
  answer: (request: HttpRequest) => Promise<HttpResponse>;
  upgrade: Upstream['upgrade'];
}

export function jsonAnswer(document: object, headers: HttpResponse['headers'] = {}): HttpResponse {
  const body = Buffer.from(JSON.stringify(document));
  return { status: 200, headers: { 'content-type': 'application/json', ...headers }, body };
}

export const notThere: HttpResponse = { status: 404, headers: {}, body: Buffer.from('nothing') };

const resourceList = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: `${group}/v1beta1`,
  resources: [
    { name: 'tides', singularName: 'tide', namespaced: true, kind: 'Tide', verbs: ['get', 'list'] },
    { name: 'tides/turn', singularName: '', namespaced: true, kind: 'Turn', verbs: ['create'] },
  ],
};

/** As a server without aggregated discovery and without documents. */
export async function plainAnswer({ path }: HttpRequest): Promise<HttpResponse> {
  if (path === root) return jsonAnswer(resourceList);
  if (path.startsWith(`${root}/`)) return jsonAnswer({ kind: 'TideList', items: [] });
  return notThere;
}

export function recordingExtension(): Extension {
  const asked: ExtensionAsked[] = [];
  const extension: Extension = {
    asked,
    answer: plainAnswer,
    upgrade: async () => Promise.reject(new Error('nothing to upgrade to')),
    dial: {
      extension: (endpoint) => ({
        send: (request) => (asked.push({ endpoint, request }), extension.answer(request)),
        upgrade: (request) => (asked.push({ endpoint, request }), extension.upgrade(request)),
      }),
    },
  };
  return extension;
}

export async function createApiService(server: TestServer, spec: object = {}): Promise<void> {
  await server.expect(201, 'POST', services, {
    body: {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: `v1beta1.${group}` },
      spec: {
        group,
        version: 'v1beta1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        service: { namespace: 'default', name: 'tides' },
        caBundle: Buffer.from('an authority').toString('base64'),
        ...spec,
      },
    },
  });
}

export async function createTideService(server: TestServer, port = 443): Promise<void> {
  const body = { metadata: { name: 'tides' }, spec: { ports: [{ name: 'https', port }] } };
  await server.expect(201, 'POST', '/api/v1/namespaces/default/services', { body });
}

export async function createTideSlice(
  server: TestServer,
  endpoints: readonly object[] = [{ addresses: ['10.244.0.9'] }],
): Promise<void> {
  const labels = { 'kubernetes.io/service-name': 'tides' };
  const ports = [{ name: 'https', port: 4443 }];
  const path = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
  const body = { metadata: { name: 'tides-1', labels }, addressType: 'IPv4', endpoints, ports };
  await server.expect(201, 'POST', path, { body });
}

/** Waits for a word about the server behind the APIService; answers the whole condition. */
export async function untilSaid(server: TestServer, reason: string): Promise<AnyObject> {
  const path = `${services}/v1beta1.${group}`;
  const { resourceVersion } = (await server.expect(200, 'GET', path)).json.metadata ?? {};
  const wanted = (object: AnyObject): AnyObject | undefined =>
    object['status']?.conditions?.find((each: AnyObject) => each['reason'] === reason);
  const known = wanted((await server.expect(200, 'GET', path)).json);
  if (known !== undefined) return known;
  const query = `watch=true&fieldSelector=metadata.name=v1beta1.${group}`;
  await using watch = await server.watch(`${services}?${query}&resourceVersion=${resourceVersion}`);
  for (;;) {
    const event = await watch.next();
    if (event === undefined) throw new Error(`the watch ended before ${reason} was said`);
    const found = wanted(event.object);
    if (found !== undefined) return found;
  }
}

/** With the server behind its APIService, of which it is said that it is available. */
export async function startWithExtension(extension: Extension): Promise<TestServer> {
  const server = await startTestServer({ dial: extension.dial });
  await createTideService(server);
  await createTideSlice(server);
  await createApiService(server);
  await untilSaid(server, 'Passed');
  // The server goes by it in the same turn as its watches.
  await settle();
  return server;
}
