import type { Client } from '@fairway/client';
import type { Clock, Logger, Random } from '@fairway/host';
import { isPodOver, podNodeName } from '@fairway/kind-rules/pods';
import { Node, Pod } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import {
  type Change,
  type Controller,
  type Informer,
  type Informers,
  type ReconcileRequest,
  type Requeue,
  createController,
  leanInformer,
  keyOf,
  requeueAfter,
  withoutManagedFields,
} from '@fairway/reconcile';
import { AddressPools } from './address-pools.ts';
import { type PodMemory, advancePod } from './advance-pod.ts';
import type { PodAddresses } from './apply-stage.ts';
import type { NodeClients } from './node-clients.ts';
import { runsPods } from './simulated-node.ts';
import type { Stage } from './stage.ts';
import { deletePod, writePodStatus } from '../pod-lifecycle/write-pod.ts';

type KnownPod = DeepReadonly<Pod>;

/** Pods that are written at the same time: they share what the store does for each commit. */
const concurrency = 32;
/** A pod that got no address asks again. */
const addressPauseMs = 10_000;

/** What it takes to follow the pods of all simulated nodes. */
export interface PodFollowing {
  /** Reads for all nodes. */
  readonly reader: Client;
  readonly informers: Informers;
  readonly nodes: Informer<Node>;
  readonly clients: NodeClients;
  readonly stages: readonly Stage[];
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Makes the one controller for pods of simulated nodes, whichever node they are on. */
export function followPods(following: PodFollowing): Controller {
  const { reader, informers, logger } = following;
  const pods = leanInformer(informers, Pod, { index: { node: podNodeName } });
  const player = new PodPlayer(following, pods);
  return createController(reader, Pod, {
    name: 'simulated-pods',
    informers,
    keep: withoutManagedFields,
    filter: ({ object }) => podNodeName(object) !== undefined,
    concurrency,
    logger,
    watches: [
      {
        kind: Node,
        keep: withoutManagedFields,
        keysOf: (change) => {
          const { object, old } = change as Change<Node>;
          const hasBegun = runsPods(object) && !runsPods(old);
          return hasBegun ? pods.by('node', object.metadata?.name ?? '').map(keyOf) : [];
        },
      },
    ],
    reconcile: (request) => player.play(request),
  });
}

class PodPlayer {
  readonly #following: PodFollowing;
  readonly #pods: Informer<Pod>;
  readonly #stages: readonly Stage[];
  readonly #memory = new Map<string, PodMemory>();
  readonly #pools = new AddressPools();
  readonly #knownNetworks = new Set<string>();
  readonly #watchedSinceMs: number;

  constructor(following: PodFollowing, pods: Informer<Pod>) {
    this.#following = following;
    this.#pods = pods;
    this.#stages = following.stages.filter(({ kind }) => kind === 'Pod');
    this.#watchedSinceMs = following.clock.now();
    pods.subscribe(({ type, object }) => {
      const uid = object.metadata?.uid ?? '';
      if (type === 'deleted') this.#memory.delete(uid);
      if (type === 'deleted' || isPodOver(object)) this.#pools.release(uid);
    });
  }

  async play({ object: pod, reached }: ReconcileRequest<Pod>): Promise<Requeue | undefined> {
    const node = this.#following.nodes.get(pod?.spec?.nodeName ?? '');
    if (pod === undefined || !runsPods(node)) return undefined;
    const { clock, random, clients } = this.#following;
    const uid = pod.metadata?.uid ?? '';
    let hasNoAddress = false;
    const advance = advancePod(pod, this.#memory.get(uid), {
      stages: this.#stages,
      nowMs: clock.now(),
      elapsedMs: clock.elapsed(),
      fraction: () => random.fraction(),
      watchedSinceMs: this.#watchedSinceMs,
      addresses: () => {
        const found = this.#addressesOf(pod, node);
        hasNoAddress = found === undefined;
        return found;
      },
    });
    const { client, recorder } = clients.of(node.metadata?.name ?? '');
    if (advance.pod !== pod) {
      const written = await writePodStatus(client, pod, advance.pod);
      if (written === undefined) return undefined;
      await reached(written);
    }
    this.#memory.set(uid, hasNoAddress ? {} : advance.memory);
    for (const event of advance.events) recorder().record(Pod, pod, event);
    if (advance.deletion !== undefined) await deletePod(client, pod, advance.deletion);
    if (hasNoAddress) return this.#sayNoAddress(pod, node);
    return advance.dueMs === undefined
      ? undefined
      : requeueAfter(Math.max(1, advance.dueMs - clock.elapsed()));
  }

  #addressesOf(pod: KnownPod, node: DeepReadonly<Node>): PodAddresses | undefined {
    const hostIp = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
    if (pod.spec?.hostNetwork === true) return { hostIp, podIp: hostIp };
    const cidr = node.spec?.podCIDR ?? '';
    this.#learn(cidr, node.metadata?.name ?? '');
    const podIp = this.#pools.take(pod.metadata?.uid ?? '', cidr);
    return podIp === undefined ? undefined : { hostIp, podIp };
  }

  /** The first pod of a network asks which addresses are taken already. */
  #learn(cidr: string, node: string): void {
    if (this.#knownNetworks.has(cidr)) return;
    this.#knownNetworks.add(cidr);
    for (const pod of this.#pods.by('node', node)) {
      const { podIP } = pod.status ?? {};
      if (podIP === undefined || pod.spec?.hostNetwork === true || isPodOver(pod)) continue;
      this.#pools.note(pod.metadata?.uid ?? '', cidr, podIP);
    }
  }

  #sayNoAddress(pod: KnownPod, node: DeepReadonly<Node>): Requeue {
    const { name = '' } = node.metadata ?? {};
    const why = `no address is left in the network ${node.spec?.podCIDR ?? '(none)'} of its node`;
    this.#following.clients
      .of(name)
      .recorder()
      .record(Pod, pod, {
        type: 'Warning',
        reason: 'FailedCreatePodSandBox',
        message: `Failed to create pod sandbox: ${why}`,
      });
    return requeueAfter(addressPauseMs);
  }
}
