import { type Client, isAlreadyExists } from '@fairway/client';
import type { Clock, Logger, Random } from '@fairway/host';
import { HeldNetworks, isSimulated } from '@fairway/kind-rules/nodes';
import { Node } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import {
  type Informer,
  type Requeue,
  deleteUnlessOutdated,
  informerSource,
  keyOf,
  requeueAfter,
  runReconcileLoop,
  unlessOutdated,
} from '@fairway/reconcile';
import { lastPostedMs, postEveryMs } from '../node/node-conditions.ts';
import { NodeLeases } from '../node/node-leases.ts';
import { advanceNode } from './advance-node.ts';
import type { StageChoice } from './choose-stage.ts';
import type { NodeClients } from './node-clients.ts';
import { simulatedNetworks } from './node-networks.ts';
import {
  newSimulatedNode,
  simulatedNodeName,
  simulatedNodeNumber,
  simulatedNumberIn,
} from './simulated-node.ts';
import type { Stage } from './stage.ts';

type AnyNode = DeepReadonly<Node>;

const concurrency = 32;

/** What it takes to keep the simulated nodes alive. */
export interface NodeFollowing {
  /** Nodes that there are to be, by number. */
  readonly count: number;
  readonly nodes: Informer<Node>;
  readonly clients: NodeClients;
  /** Takes nodes away, and gives networks to those that came without. */
  readonly controller: Client;
  readonly stages: readonly Stage[];
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Registers the nodes that are wanted by number, and speaks for every simulated one, until the signal aborts. */
export function followNodes(following: NodeFollowing, signal: AbortSignal): Promise<void> {
  const { nodes, clock, random, logger, count } = following;
  const keeper = new NodeKeeper(following);
  return runReconcileLoop(
    {
      name: 'simulated-nodes',
      clock,
      random,
      logger,
      sources: [informerSource(nodes, ({ object }) => [keyOf(object)])],
      firstKeys: Array.from({ length: count }, (_, index) => simulatedNodeName(index + 1)),
      concurrency,
      reconcile: (name) => keeper.keep(name),
    },
    signal,
  );
}

class NodeKeeper {
  readonly #following: NodeFollowing;
  readonly #stages: readonly Stage[];
  readonly #networks = new HeldNetworks(simulatedNetworks);
  readonly #leases: NodeLeases;
  readonly #choices = new Map<string, StageChoice>();
  readonly #warned = new Set<string>();

  constructor(following: NodeFollowing) {
    this.#following = following;
    this.#stages = following.stages.filter(({ kind }) => kind === 'Node');
    this.#leases = new NodeLeases(following);
    following.nodes.subscribe(({ type, object }) => {
      if (type === 'deleted') this.#forget(object.metadata?.name ?? '');
      else this.#networks.note(object);
    });
  }

  async keep(name: string): Promise<Requeue | undefined> {
    const { nodes, count } = this.#following;
    const node = nodes.get(name);
    if (node === undefined) {
      const number = simulatedNumberIn(name);
      if (number !== undefined && number <= count) await this.#register(name, number);
      return undefined;
    }
    if (!isSimulated(node)) {
      this.#leave(name);
      return undefined;
    }
    if ((simulatedNodeNumber(node) ?? 0) > count) {
      await this.#remove(node);
      return undefined;
    }
    return this.#speakFor(node);
  }

  async #register(name: string, number: number): Promise<void> {
    const { clients, nodes } = this.#following;
    const { client } = clients.of(name);
    const node = newSimulatedNode(number, this.#networkOf(name));
    try {
      await nodes.reached(await client.create(Node, node));
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }

  async #remove(node: AnyNode): Promise<void> {
    const { controller, logger } = this.#following;
    logger.info('a simulated node is taken away', { node: node.metadata?.name });
    await deleteUnlessOutdated(controller, Node, node);
  }

  async #speakFor(node: AnyNode): Promise<Requeue> {
    const { clients, clock, random, nodes } = this.#following;
    const { name = '' } = node.metadata ?? {};
    const { client, recorder } = clients.of(name);
    const networkIndex = this.#networkOf(name);
    const nowMs = clock.now();
    const advance = advanceNode(node, this.#choices.get(name), {
      stages: this.#stages,
      networkIndex,
      nowMs,
      elapsedMs: clock.elapsed(),
      fraction: () => random.fraction(),
    });
    await this.#giveNetwork(node, networkIndex);
    const postedMs = lastPostedMs(node) ?? 0;
    if (advance.isChanged || nowMs - postedMs >= postEveryMs) {
      const strategic = { status: advance.status };
      const written = await unlessOutdated(
        client.subresource(Node, name, 'status').patch({ strategic }),
      );
      if (written !== undefined) await nodes.reached(written);
    }
    if (advance.choice === undefined) this.#choices.delete(name);
    else this.#choices.set(name, advance.choice);
    for (const event of advance.events) recorder().record(Node, node, event);
    const leaseDueMs = await this.#leases.renew(client, node);
    const dueMs = Math.min(leaseDueMs, advance.dueMs ?? leaseDueMs);
    return requeueAfter(Math.max(1, dueMs - clock.elapsed()));
  }

  #networkOf(name: string): number {
    const index = this.#networks.take(name);
    if (index !== undefined) return index;
    throw new RangeError(`no network is left for the pods of node ${name}`);
  }

  /** A node that others have made came without a network for its pods. */
  async #giveNetwork({ metadata, spec }: AnyNode, networkIndex: number): Promise<void> {
    if (spec?.podCIDR !== undefined) return;
    const podCIDR = simulatedNetworks.cidrOf(networkIndex);
    const merge = { spec: { podCIDR, podCIDRs: [podCIDR] } };
    await unlessOutdated(this.#following.controller.patch(Node, metadata?.name ?? '', { merge }));
  }

  /** It runs elsewhere, or nowhere. */
  #leave(name: string): void {
    this.#leases.forget(name);
    this.#choices.delete(name);
    const { count, logger } = this.#following;
    const number = simulatedNumberIn(name);
    if (number === undefined || number > count || this.#warned.has(name)) return;
    this.#warned.add(name);
    logger.warn('a node has the name of a simulated one and is none: it is left alone', {
      node: name,
    });
  }

  #forget(name: string): void {
    this.#leases.forget(name);
    this.#choices.delete(name);
    this.#networks.release(name);
    this.#following.clients.forget(name);
  }
}
