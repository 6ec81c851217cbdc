import { type Client, createClient } from '@fairway/client';
import { seededRandom } from '@fairway/host/testing';
import type { Handler, KubernetesObject, ResourceDescriptor, UserInfo } from '@fairway/protocol';
import { type TestServer, admin, startTestServer } from '@fairway/apiserver/testing';

/** An API server in memory with clients in the same process. */
export interface TestCluster extends AsyncDisposable {
  readonly server: TestServer;
  /** The administrator, straight to the server. */
  readonly client: Client;
  clientFor(user: UserInfo, around?: (handler: Handler) => Handler): Client;
  /** Aborts when the test is over. */
  readonly signal: AbortSignal;
}

export async function startTestCluster(): Promise<TestCluster> {
  const server = await startTestServer();
  const ending = new AbortController();
  const clientFor: TestCluster['clientFor'] = (user, around = (handler) => handler) =>
    createClient({
      transport: around(server.api.handlerFor(user)),
      clock: server.clock,
      random: seededRandom(11),
    });
  return {
    server,
    client: clientFor(admin),
    clientFor,
    signal: ending.signal,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await server[Symbol.asyncDispose]();
    },
  };
}

export interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

export const ConfigMap: ResourceDescriptor<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  isNamespaced: true,
};

export function configMap(name: string, data: Readonly<Record<string, string>> = {}): ConfigMap {
  return { metadata: { name, labels: { part: name.slice(0, 1) } }, data };
}
