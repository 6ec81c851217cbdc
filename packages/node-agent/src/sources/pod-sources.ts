import type { Client } from '@fairway/client';
import { ConfigMap, Secret, Service } from '@fairway/kinds/core/v1';

/** What a pod refers to, each asked for once. */
export interface PodSources {
  configMap(name: string): Promise<ConfigMap | undefined>;
  secret(name: string): Promise<Secret | undefined>;
  /** Of its namespace; that of the API, `default/kubernetes`, as well where there is one to be found. */
  services(): Promise<readonly Service[]>;
  /** What stands in a file of a volume of the pod; absent where no volumes are. Errors: `PodError`. */
  volumeFile?(volume: string, path: string): Promise<Uint8Array | undefined>;
}

/** What pods of a namespace refer to, as an API has it for the user of `client`. */
export function podSources(client: Client, namespace: string): PodSources {
  const configMaps = new Map<string, Promise<ConfigMap | undefined>>();
  const secrets = new Map<string, Promise<Secret | undefined>>();
  return {
    configMap: (name) => once(configMaps, name, () => client.find(ConfigMap, name, { namespace })),
    secret: (name) => once(secrets, name, () => client.find(Secret, name, { namespace })),
    services: async () => (await client.list(Service, { namespace }).all()).items,
  };
}

/** A pod cannot be run as it is described; the message says what is missing, as a kubelet does. */
export class PodError extends Error {
  override readonly name = 'PodError';
}

/** What a pod refers to is not there: `configmap "settings" not found`. */
export function absentError(kind: 'configmap' | 'secret', name: string): PodError {
  return new PodError(`${kind} ${JSON.stringify(name)} not found`);
}

function once<T>(kept: Map<string, Promise<T>>, name: string, get: () => Promise<T>): Promise<T> {
  const known = kept.get(name) ?? get();
  kept.set(name, known);
  return known;
}
