import type { Client } from '@fairway/client';
import type { Logger } from '@fairway/host';
import type { UserInfo } from '@fairway/protocol';
import {
  type ComponentApi,
  EventLane,
  type EventRecorder,
  clientAs,
  createEventRecorder,
} from '@fairway/reconcile';

/** Acts as one node, with the rights that a kubelet has. */
export interface NodeClient {
  readonly client: Client;
  /** Made with the first event. */
  readonly recorder: () => EventRecorder;
}

/** The nodes of a cluster, each as the user that it is. One costs two small objects. */
export class NodeClients {
  readonly #api: ComponentApi;
  readonly #logger: Logger;
  readonly #signal: AbortSignal;
  readonly #clients = new Map<string, NodeClient>();
  readonly #recorders = new Map<string, EventRecorder>();
  readonly #lane = new EventLane();

  constructor(
    api: ComponentApi,
    options: { readonly logger: Logger; readonly signal: AbortSignal },
  ) {
    this.#api = api;
    this.#logger = options.logger;
    this.#signal = options.signal;
  }

  of(node: string): NodeClient {
    const known = this.#clients.get(node);
    if (known !== undefined) return known;
    const groups = ['system:nodes', 'system:authenticated'];
    const client = clientOf(this.#api, { username: `system:node:${node}`, groups }, 'kubelet');
    const made = { client, recorder: () => this.#recorder(node, client) };
    this.#clients.set(node, made);
    return made;
  }

  /** A node is gone: what it has recorded is still sent. */
  forget(node: string): void {
    this.#clients.delete(node);
  }

  /** Resolves when what all nodes have recorded so far has been sent, or given up. */
  async flushed(): Promise<void> {
    await Promise.all([...this.#recorders.values()].map((each) => each.flushed()));
  }

  #recorder(node: string, client: Client): EventRecorder {
    const known = this.#recorders.get(node);
    if (known !== undefined) return known;
    const [logger, signal] = [this.#logger, this.#signal];
    const made = createEventRecorder({
      client,
      component: 'kubelet',
      instance: node,
      signal,
      logger,
      lane: this.#lane,
    });
    this.#recorders.set(node, made);
    return made;
  }
}

/** A client that is known by the name of its program. */
export function clientOf(api: ComponentApi, user: UserInfo, program: string): Client {
  return clientAs(api, user, `${program}/fairway (simulated-nodes)`);
}
