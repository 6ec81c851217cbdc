import { type Clock, type Logger, sleep } from '@fairway/host';
import { isPodOver } from '@fairway/kind-rules/pods';
import type { EventText } from '@fairway/reconcile';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import { evictionMessage } from './eviction-message.ts';
import { hasLocalLimit, outgrownLimit } from './local-limits.ts';
import type { NodePressure } from './node-pressure.ts';
import { type PodUse, isCritical } from './pod-use.ts';
import { type LastShort, noteShortages, pressuresAt } from './pressure-conditions.ts';
import { rankPods } from './rank-pods.ts';
import type { SpareRoom } from './spare-room.ts';
import {
  type Observations,
  type Shortage,
  type EvictionThreshold,
  shortagesOf,
} from './thresholds.ts';

export interface EvictionParts {
  readonly thresholds: readonly EvictionThreshold[];
  readonly pressure: NodePressure;
  /** Those that the node runs, with their statuses. */
  readonly pods: () => Iterable<AnyPod>;
  readonly observe: () => Promise<Observations>;
  readonly measure: (
    pods: readonly AnyPod[],
    options: { readonly countsFolders: boolean },
  ) => Promise<readonly PodUse[]>;
  /** Takes away what nobody needs: images, and containers of pods that are over. */
  readonly reclaimDisk: () => Promise<void>;
  readonly spareRoom: Pick<SpareRoom, 'take' | 'give'>;
  /** Tells of the node. */
  readonly record: (event: EventText) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often a node looks. Source: kubelet, `evictionMonitoringPeriod`. */
const lookEveryMs = 10_000;
/** Large folders are counted for one twentieth of the time at most. */
const restFactor = 20;
/** How long the room of a pod that leaves is waited for before the next one has to. Source: kubelet. */
const leaveMsMax = 30_000;

/**
 * Ends pods of a node that runs short of memory or disk, one after the other until it does not, and pods that have
 * outgrown limits of their own on its disk, until the signal aborts.
 *
 * Source: Kubernetes documentation, "Node-pressure Eviction"; words and order are those of a kubelet 1.36.
 */
export async function evictPods(parts: EvictionParts, signal: AbortSignal): Promise<void> {
  const { clock, logger } = parts;
  const evicting = new Evicting(parts);
  while (!signal.aborted) {
    try {
      await evicting.look();
    } catch (error) {
      // A runtime that is away, say.
      logger.debug('what is left on this node is not known', { error });
    }
    await sleep(clock, lookEveryMs, signal).catch(() => {});
  }
}

/** What is remembered from one look at a node to the next. */
export class Evicting {
  readonly #parts: EvictionParts;
  #lastShort: LastShort = {};
  /** Who has to leave because the node is short, and since when. */
  #leaving: { readonly uid: string; readonly sinceMs: number } | undefined;
  /** When those who may outgrow limits of their own are measured again. */
  #measuredAgainMs = 0;

  constructor(parts: EvictionParts) {
    this.#parts = parts;
  }

  /** Evicts all that have outgrown limits of their own, or else one at most because the node is short. */
  async look(): Promise<void> {
    const shortages = await this.#shortages();
    const hasEvicted = await this.#evictOutgrown();
    const [worst] = shortages;
    if (hasEvicted || worst === undefined) return;
    if (!this.#isWaiting()) return await this.#makeRoom(worst);
    // By now it has ended; there may be no room to note that.
    if (worst.signal === 'nodefs.available') await this.#parts.spareRoom.give(worst.available);
  }

  async #shortages(): Promise<readonly Shortage[]> {
    const { thresholds, observe, clock, pressure, spareRoom, logger } = this.#parts;
    const observations = await observe();
    const shortages = shortagesOf(thresholds, observations);
    if (shortages.length === 0) {
      await spareRoom.take(observations['nodefs.available']?.available ?? 0);
    }
    this.#lastShort = noteShortages(this.#lastShort, shortages, clock.elapsed());
    const before = pressure.conditions;
    pressure.conditions = pressuresAt(this.#lastShort, clock.elapsed());
    for (const { condition, signal, available, least } of shortages) {
      if (before.includes(condition)) continue;
      logger.warn('this node runs short, takes no pods and evicts some', {
        signal,
        available,
        least,
      });
    }
    return shortages;
  }

  async #evictOutgrown(): Promise<boolean> {
    const limited = this.#active().filter(hasLocalLimit);
    const { clock, measure } = this.#parts;
    const beganMs = clock.elapsed();
    if (limited.length === 0 || beganMs < this.#measuredAgainMs) return false;
    const uses = await measure(limited, { countsFolders: true });
    this.#measuredAgainMs = clock.elapsed() + (clock.elapsed() - beganMs) * restFactor;
    let hasEvicted = false;
    for (const use of uses) {
      const message = outgrownLimit(use);
      if (message === undefined || isCritical(use.pod)) continue;
      this.#parts.pressure.evict(use.pod.metadata?.uid ?? '', { message });
      hasEvicted = true;
    }
    return hasEvicted;
  }

  async #makeRoom(worst: Shortage): Promise<void> {
    const { record, reclaimDisk } = this.#parts;
    const message = `Attempting to reclaim ${worst.resource}`;
    record({ type: 'Warning', reason: 'EvictionThresholdMet', message });
    let shortage: Shortage | undefined = worst;
    if (worst.condition === 'DiskPressure') {
      await reclaimDisk();
      [shortage] = await this.#shortages();
      if (shortage === undefined) return;
    }
    const { resource, condition } = shortage;
    const countsFolders = condition === 'DiskPressure';
    const uses = await this.#parts.measure(this.#active(), { countsFolders });
    const victim = rankPods(uses, resource).find(({ pod }) => !isCritical(pod));
    if (victim !== undefined) this.#evict(victim, shortage);
  }

  #evict(victim: PodUse, shortage: Shortage): void {
    const { pressure, clock, logger } = this.#parts;
    const { uid = '', name, namespace } = victim.pod.metadata ?? {};
    const message = evictionMessage(victim, shortage);
    logger.warn('a pod is evicted', { pod: `${namespace}/${name}`, why: message });
    this.#leaving = { uid, sinceMs: clock.elapsed() };
    const reason = 'TerminationByKubelet';
    pressure.evict(uid, {
      message,
      condition: { type: 'DisruptionTarget', status: 'True', reason, message },
    });
  }

  /** Those that take something of the node and have not been told to leave. */
  #active(): readonly AnyPod[] {
    const { pods, pressure } = this.#parts;
    return [...pods()].filter(
      (pod) =>
        !isPodOver(pod) &&
        pod.status?.startTime !== undefined &&
        pressure.evictionOf(pod.metadata?.uid ?? '') === undefined,
    );
  }

  #isWaiting(): boolean {
    const { pods, clock } = this.#parts;
    if (this.#leaving === undefined) return false;
    const { uid, sinceMs } = this.#leaving;
    const isThere = [...pods()].some((pod) => pod.metadata?.uid === uid && !isPodOver(pod));
    if (isThere && clock.elapsed() - sinceMs < leaveMsMax) return true;
    this.#leaving = undefined;
    return false;
  }
}
