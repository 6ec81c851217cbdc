import { type Client, isConflict, isNamespaceTerminating, isNotFound } from '@fairway/client';
import { messageOf } from '@fairway/host';
import { PersistentVolumeClaim, Pod } from '@fairway/kinds/core/v1';
import {
  type Informer,
  type ReconcileRequest,
  formatKey,
  isBeingDeleted,
  unlessOutdated,
} from '@fairway/reconcile';
import { type PodEventWords, PodWriter } from '../pods/pod-writer.ts';
import { slowStart } from '../pods/slow-start.ts';
import { hasRival, ownersToSet } from './claim-retention.ts';
import type { Stage, Step } from './next-steps.ts';
import {
  type AnyClaim,
  type AnyPod,
  type AnySet,
  claimNamesOf,
  ordinalOf,
} from './pod-identity.ts';
import { newClaims, newStatefulPod } from './stateful-pod.ts';

/** What steps are taken with. */
export interface StepParts {
  readonly client: Client;
  readonly set: AnySet;
  readonly pods: Informer<Pod>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly record: ReconcileRequest<never>['record'];
  readonly signal: AbortSignal;
}

/**
 * Takes steps, stage by stage, until one fails or finds that the caches are behind; the next look at the set
 * goes on from there. Answers the failure. The caches know of what was done.
 */
export async function takeSteps(
  parts: StepParts,
  stages: readonly Stage[],
): Promise<{ readonly failure?: unknown }> {
  const taker = new StepTaker(parts);
  for (const stage of stages) {
    const { done, failure } = await slowStart(stage, (step) => taker.take(step));
    if (failure !== undefined) return { failure };
    if (done.length < stage.length || done.includes('outdated')) return {};
  }
  return {};
}

type StepOutcome = 'done' | 'outdated';

class StepTaker {
  readonly #parts: StepParts;
  readonly #writer: PodWriter;
  readonly #namespace: string;
  readonly #setName: string;

  constructor(parts: StepParts) {
    this.#parts = parts;
    const { name = '', namespace = '' } = parts.set.metadata ?? {};
    this.#namespace = namespace;
    this.#setName = name;
    this.#writer = new PodWriter({ ...parts, words: wordsOf(name) }, parts);
  }

  async take(step: Step): Promise<StepOutcome> {
    switch (step.action) {
      case 'create':
        return this.#create(newStatefulPod(this.#parts.set, step.ordinal, step.revision));
      case 'delete':
        await this.#writer.delete(step.pod);
        return 'done';
      case 'complete-claims':
        await this.#completeClaims(step.pod);
        return 'done';
      case 'settle-claims':
        return this.#settleClaims(step.pod);
      case 'repair':
        return this.#repair(step.pod, step.patch);
    }
  }

  async #create(pod: AnyPod): Promise<StepOutcome> {
    try {
      await this.#completeClaims(pod);
    } catch (error) {
      this.#tellFailure(
        'FailedCreate',
        wordsOf(this.#setName).notCreated(nameOf(pod), messageOf(error)),
      );
      throw error;
    }
    const settled = await this.#settleClaims(pod);
    if (settled === 'outdated') return settled;
    await this.#writer.create(pod);
    return 'done';
  }

  /** Makes the claims of a pod that are missing. */
  async #completeClaims(pod: AnyPod): Promise<void> {
    const { set, claims } = this.#parts;
    const failures: string[] = [];
    for (const claim of newClaims(set, ordinalOf(set, pod) ?? 0)) {
      const existing = claims.get(this.#keyOf(nameOf(claim)));
      if (existing === undefined) {
        const failure = await this.#createClaim(claim, pod);
        if (isNamespaceTerminating(failure)) throw failure;
        if (failure !== undefined) {
          failures.push(`failed to create PVC ${nameOf(claim)}: ${messageOf(failure)}`);
        }
      } else if (isBeingDeleted(existing)) {
        failures.push(`pvc ${nameOf(claim)} is being deleted`);
      }
    }
    if (failures.length > 0) throw new Error(failures.join(', '));
  }

  /** Answers why it was refused. */
  async #createClaim(claim: AnyClaim, pod: AnyPod): Promise<unknown> {
    const { client, claims, record, signal } = this.#parts;
    const place = `${nameOf(pod)} in StatefulSet ${this.#setName}`;
    try {
      const created = await unlessOutdated(client.create(PersistentVolumeClaim, claim, { signal }));
      if (created === undefined) return undefined;
      const message = `Create Claim ${nameOf(claim)} Pod ${place} success`;
      record({ type: 'Normal', reason: 'SuccessfulCreate', message });
      await claims.reached(created, { signal });
      return undefined;
    } catch (error) {
      if (signal.aborted) throw error;
      const message = `Create Claim ${nameOf(claim)} for Pod ${place} failed error: ${messageOf(error)}`;
      if (!isNamespaceTerminating(error)) this.#tellFailure('FailedCreate', message);
      return error;
    }
  }

  /** Gives the claims of a pod the owners that the set's policy asks for. */
  async #settleClaims(pod: AnyPod): Promise<StepOutcome> {
    const { client, set, claims, signal } = this.#parts;
    for (const claimName of claimNamesOf(set, ordinalOf(set, pod) ?? 0).values()) {
      const claim = claims.get(this.#keyOf(claimName));
      if (claim === undefined) continue;
      if (hasRival(claim, { set, pod })) {
        const message = `PersistentVolumeClaim ${claimName} has a conflicting OwnerReference that acts as a managing controller, the retention policy is ignored for this claim`;
        this.#tellFailure('ConflictingController', message);
      }
      const ownerReferences = ownersToSet(claim, { set, pod });
      if (ownerReferences === undefined) continue;
      const owned = { ...claim, metadata: { ...claim.metadata, ownerReferences } };
      const written = await unlessOutdated(
        client.replace(PersistentVolumeClaim, owned, { signal }),
      );
      if (written === undefined) return 'outdated';
      await claims.reached(written, { signal });
    }
    return 'done';
  }

  async #repair(pod: AnyPod, strategic: object): Promise<StepOutcome> {
    const { client, pods, record, signal } = this.#parts;
    const where = `Pod ${nameOf(pod)} in StatefulSet ${this.#setName}`;
    try {
      await this.#completeClaims(pod);
      const options = { namespace: this.#namespace, signal };
      const written = await client.patch(Pod, nameOf(pod), { strategic }, options);
      const message = `Update ${where} successful`;
      record({ type: 'Normal', reason: 'SuccessfulUpdate', message });
      await pods.reached(written, { signal });
      return 'done';
    } catch (error) {
      if (isNotFound(error) || isConflict(error)) return 'outdated';
      this.#tellFailure('FailedUpdate', `Update ${where} failed error: ${messageOf(error)}`);
      throw error;
    }
  }

  #tellFailure(reason: string, message: string): void {
    const { record, signal } = this.#parts;
    if (!signal.aborted) record({ type: 'Warning', reason, message });
  }

  #keyOf(name: string): string {
    return formatKey({ namespace: this.#namespace, name });
  }
}

function wordsOf(set: string): PodEventWords {
  const tell = (verb: string, pod: string): string => `${verb} Pod ${pod} in StatefulSet ${set}`;
  return {
    created: (pod) => `${tell('Create', pod)} successful`,
    deleted: (pod) => `${tell('Delete', pod)} successful`,
    notCreated: (pod, cause) => `${tell('Create', pod)} failed error: ${cause}`,
    notDeleted: (pod, cause) => `${tell('Delete', pod)} failed error: ${cause}`,
  };
}

function nameOf({ metadata }: AnyPod | AnyClaim): string {
  return metadata?.name ?? '';
}
