import { type Client, isNamespaceTerminating } from '@fairway/client';
import { messageOf } from '@fairway/host';
import { Deployment, type ReplicaSet } from '@fairway/kinds/apps/v1';
import type { Pod } from '@fairway/kinds/core/v1';
import { isPodOver } from '@fairway/kind-rules/pods';
import { type DeepReadonly, type LabelSelector, annotationsOf } from '@fairway/protocol';
import {
  type Informer,
  type ReconcileRequest,
  type Requeue,
  isBeingDeleted,
  requeueAfter,
} from '@fairway/reconcile';
import { ownedBy } from '../caches/object-indexes.ts';
import { selectedBy } from '../owned-objects/selected-objects.ts';
import { writeStatus } from '../write-status.ts';
import { type HeldCondition, findCondition } from './conditions.ts';
import { type HeldStatus, deploymentStatus, isComplete } from './deployment-status.ts';
import { pauseConditions, rolloutStatus, untilDeadlineMs, withProgress } from './progress.ts';
import { revisionAnnotation, revisionOf } from './revisions.ts';
import { currentSize, oldSizes } from './roll-over.ts';
import { type Rollout, rolloutOf, sizeOf, supersededSets } from './rollout.ts';
import { isBeingScaled, scaledSizes } from './scale-sets.ts';
import { SetWriter } from './set-writer.ts';

/** A status is written this long after the deadline at the latest. */
const deadlineSlackMs = 1_000;

export interface DeploymentParts {
  readonly client: Client;
  readonly sets: Informer<ReplicaSet>;
  readonly pods: Informer<Pod>;
  readonly selector: LabelSelector;
}

/**
 * One look at a Deployment, and the next step of its rollout: what a step changes calls for the next one.
 * What it reads comes from the caches, which have its own writes.
 */
export class DeploymentWork {
  readonly #parts: DeploymentParts;
  readonly #deployment: DeepReadonly<Deployment>;
  readonly #request: ReconcileRequest<Deployment>;
  readonly #writer: SetWriter;
  /** With what has been said since this look began. */
  #conditions: readonly HeldCondition[];

  constructor(
    parts: DeploymentParts,
    deployment: DeepReadonly<Deployment>,
    request: ReconcileRequest<Deployment>,
  ) {
    this.#parts = parts;
    this.#deployment = deployment;
    this.#request = request;
    this.#writer = new SetWriter(parts, deployment, request);
    this.#conditions = deployment.status?.conditions ?? [];
  }

  async run(): Promise<Requeue | undefined> {
    if (isBeingDeleted(this.#deployment)) return this.#writeCounts();
    this.#conditions = pauseConditions(this.#deployment, this.#nowMs);
    const { paused, strategy } = this.#deployment.spec ?? {};
    if (paused === true || isBeingScaled(this.#rollout())) return this.#scale();
    return strategy?.type === 'Recreate' ? this.#recreate() : this.#roll();
  }

  async #scale(): Promise<Requeue | undefined> {
    await this.#refreshCurrent();
    await this.#resizeAll(scaledSizes(this.#rollout()));
    if (this.#deployment.spec?.paused === true) await this.#cleanHistory();
    return this.#writeCounts();
  }

  async #recreate(): Promise<Requeue | undefined> {
    await this.#refreshCurrent();
    const { old } = this.#rollout();
    const isScaledDown = await this.#resizeAll(
      old.filter((set) => sizeOf(set) > 0).map((set) => ({ set, size: 0 })),
    );
    const isRunning = old.some((set) =>
      ownedBy(this.#parts.pods, set).some((pod) => !isPodOver(pod)),
    );
    if (isScaledDown || isRunning) return this.#writeProgress();
    const made = await this.#ensureCurrent();
    if (made !== undefined) return made.requeue;
    await this.#growCurrent();
    return this.#finish();
  }

  async #roll(): Promise<Requeue | undefined> {
    const made = await this.#ensureCurrent();
    if (made !== undefined) return made.requeue;
    if (await this.#growCurrent()) return this.#writeProgress();
    if (await this.#resizeAll(oldSizes(this.#rollout()))) return this.#writeProgress();
    return this.#finish();
  }

  async #finish(): Promise<Requeue | undefined> {
    const { status = {} } = this.#deployment;
    if (isComplete(this.#rollout(), status)) await this.#cleanHistory();
    return this.#writeProgress();
  }

  /** Gives the current replica set its revision and what it takes from the Deployment, if it is there. */
  async #refreshCurrent(): Promise<void> {
    const rollout = this.#rollout();
    const { current } = rollout;
    if (current === undefined) return;
    await this.#writer.refresh(current, nextRevision(rollout));
    if (findCondition(this.#conditions, 'Progressing') !== undefined) return;
    const message = `Found new replica set "${current.metadata?.name}"`;
    this.#tellProgress({ status: 'True', reason: 'FoundNewReplicaSet', message });
  }

  /** Makes sure of the current replica set. Answers what comes next where that ends this look. */
  async #ensureCurrent(): Promise<{ readonly requeue: Requeue | undefined } | undefined> {
    const rollout = this.#rollout();
    if (rollout.current !== undefined) return void (await this.#refreshCurrent());
    const made = await this.#make(rollout);
    if (made.kind === 'collision') {
      const collisionCount = (this.#deployment.status?.collisionCount ?? 0) + 1;
      const status = { ...this.#deployment.status, collisionCount };
      return { requeue: await this.#write(status) };
    }
    if (made.kind === 'made') {
      const message = `Created new replica set "${made.name}"`;
      this.#tellProgress({ status: 'True', reason: 'NewReplicaSetCreated', message });
    }
    return undefined;
  }

  async #make(rollout: Rollout): ReturnType<SetWriter['make']> {
    try {
      const size = currentSize(rollout);
      return await this.#writer.make({ size, revision: nextRevision(rollout) });
    } catch (error) {
      if (this.#request.signal.aborted || isNamespaceTerminating(error)) throw error;
      const cause = messageOf(error);
      const reason = 'ReplicaSetCreateError';
      const message = `Failed to create new replica set for deployment "${this.#deployment.metadata?.name}": ${cause}`;
      this.#tellProgress({ status: 'False', reason, message });
      this.#request.record({ type: 'Warning', reason, message });
      await this.#writeCounts();
      throw error;
    }
  }

  async #growCurrent(): Promise<boolean> {
    const rollout = this.#rollout();
    const { current } = rollout;
    const size = currentSize(rollout);
    if (current === undefined || sizeOf(current) === size) return false;
    return this.#writer.resize(current, size);
  }

  /** Answers whether any size has changed. */
  async #resizeAll(sizes: ReturnType<typeof scaledSizes>): Promise<boolean> {
    const changes = await Promise.all(sizes.map(({ set, size }) => this.#writer.resize(set, size)));
    return changes.includes(true);
  }

  async #cleanHistory(): Promise<void> {
    const superseded = supersededSets(this.#rollout());
    await Promise.all(superseded.map((set) => this.#writer.delete(set)));
  }

  #tellProgress(text: Parameters<typeof withProgress>[2]): void {
    const told = { conditions: this.#conditions, nowMs: this.#nowMs };
    this.#conditions = withProgress(this.#deployment, told, text);
  }

  #writeCounts(): Promise<Requeue | undefined> {
    const told = { conditions: this.#conditions, nowMs: this.#nowMs };
    return this.#write(deploymentStatus(this.#rollout(), told));
  }

  #writeProgress(): Promise<Requeue | undefined> {
    const told = { conditions: this.#conditions, nowMs: this.#nowMs };
    return this.#write(rolloutStatus(this.#rollout(), told));
  }

  async #write(status: HeldStatus): Promise<Requeue | undefined> {
    const object = this.#deployment;
    const { current } = this.#rollout();
    const revision = current === undefined ? 0 : revisionOf(current);
    const annotations =
      revision === 0
        ? annotationsOf(object)
        : { ...annotationsOf(object), [revisionAnnotation]: String(revision) };
    const change = { object, status, annotations };
    if ((await writeStatus(this.#request, Deployment, change)) === undefined) return undefined;
    const told = { conditions: status.conditions ?? [], nowMs: this.#nowMs };
    const leftMs = untilDeadlineMs(object, told);
    return leftMs === undefined ? undefined : requeueAfter(Math.max(0, leftMs) + deadlineSlackMs);
  }

  #rollout(): Rollout {
    const { sets, selector } = this.#parts;
    return rolloutOf(this.#deployment, selectedBy(sets, this.#deployment, selector));
  }

  get #nowMs(): number {
    return this.#parts.client.clock.now();
  }
}

function nextRevision({ old }: Rollout): number {
  return Math.max(0, ...old.map(revisionOf)) + 1;
}
