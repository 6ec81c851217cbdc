import type { Client } from '@fairway/client';
import type { Logger } from '@fairway/host';
import { Node, Pod } from '@fairway/kinds/core/v1';
import type { UserInfo } from '@fairway/protocol';
import {
  type EventRecorder,
  type Informer,
  type Informers,
  createEventRecorder,
  createInformers,
} from '@fairway/reconcile';

/** The cluster as a node sees it. */
export interface NodeApi {
  /** Acts as the node. */
  readonly client: Client;
  readonly informers: Informers;
  readonly recorder: EventRecorder;
  /** The node itself and no other. */
  readonly nodes: Informer<Node>;
  /** Those that are bound to the node. */
  readonly bound: Informer<Pod>;
}

/** As whom a node asks the API. */
export function nodeUser(name: string): UserInfo {
  return { username: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'] };
}

/** Follows what a node may see, until the signal aborts. */
export function followNodeApi(
  client: Client,
  { name, logger }: { readonly name: string; readonly logger: Logger },
  signal: AbortSignal,
): NodeApi {
  const informers = createInformers({ client, signal, logger });
  return {
    client,
    informers,
    recorder: createEventRecorder({
      client,
      component: 'kubelet',
      instance: name,
      signal,
      logger,
    }),
    nodes: informers.of(Node, { fieldSelector: `metadata.name=${name}` }),
    bound: informers.of(Pod, { allNamespaces: true, fieldSelector: `spec.nodeName=${name}` }),
  };
}

/** The network that a node is given for its pods, once it is. */
export async function podCidr(nodes: Informer<Node>, name: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const look = (): void => {
    const cidr = nodes.get(name)?.spec?.podCIDR;
    if (cidr !== undefined) resolve(cidr);
  };
  const following = nodes.subscribe(look);
  await nodes.synced;
  look();
  try {
    return await promise;
  } finally {
    following();
  }
}
