import type { Client } from '@fairway/client';
import { PersistentVolume, PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import type { StorageClass } from '@fairway/kinds/storage/v1';
import { type DeepReadonly, annotationsOf } from '@fairway/protocol';
import {
  type Informer,
  type ReconcileRequest,
  type Requeue,
  isBeingDeleted,
  requeueWithBackoff,
  unlessOutdated,
} from '@fairway/reconcile';
import {
  type HeldClaim,
  type HeldVolume,
  bestVolume,
  isMeantFor,
  whyUnsuitable,
  bindCompleted,
  boundByController,
  claimRefTo,
  classNameOf,
  selectedNode,
  storageProvisioner,
  storageProvisionerBefore,
} from '@fairway/kind-rules/volumes';
import { writeStatus } from '../write-status.ts';

export interface BindingParts {
  readonly client: Client;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
}

/** What a claim is told, and why. */
type EventText = Parameters<ReconcileRequest<never>['record']>[0];

/**
 * Brings a claim to a volume and keeps both together: first the volume is given to the claim, then the claim
 * to the volume, so that no two claims ever get one volume.
 */
export class ClaimBinder {
  readonly #parts: BindingParts;
  readonly #request: ReconcileRequest<PersistentVolumeClaim>;
  /** Somebody else has changed the volume, which does not call for this claim again. */
  #isOvertaken = false;

  constructor(parts: BindingParts, request: ReconcileRequest<PersistentVolumeClaim>) {
    this.#parts = parts;
    this.#request = request;
  }

  async run(claim: HeldClaim): Promise<Requeue | undefined> {
    await this.#bring(claim);
    return this.#isOvertaken ? requeueWithBackoff : undefined;
  }

  async #bring(claim: HeldClaim): Promise<void> {
    const isBound = annotationsOf(claim)[bindCompleted] !== undefined;
    if (isBound) return this.#keepBound(claim);
    if (isBeingDeleted(claim)) return;
    return (claim.spec?.volumeName ?? '') === '' ? this.#findVolume(claim) : this.#takeNamed(claim);
  }

  /** A claim that was bound before stays with its volume, or is lost. */
  async #keepBound(claim: HeldClaim): Promise<void> {
    const name = claim.spec?.volumeName ?? '';
    const volume = name === '' ? undefined : this.#parts.volumes.get(name);
    if (volume === undefined) {
      const missing = name === '' ? 'reference to PersistentVolume' : 'its PersistentVolume';
      const message = `Bound claim has lost ${missing}. Data on the volume is lost!`;
      return this.#lose(claim, { type: 'Warning', reason: 'ClaimLost', message });
    }
    const isFree = volume.spec?.claimRef === undefined;
    if (isFree || isMeantFor(volume, claim)) return this.#bind(claim, volume);
    const message = 'Two claims are bound to the same volume, this one is bound incorrectly';
    return this.#lose(claim, { type: 'Warning', reason: 'ClaimMisbound', message });
  }

  async #findVolume(claim: HeldClaim): Promise<void> {
    const className = classNameOf(claim);
    const isWaiting = this.#waitsForConsumer(claim);
    const volume = bestVolume(claim, this.#parts.volumes.by('class', className), { isWaiting });
    if (volume !== undefined) return this.#bind(claim, volume);
    await this.#setPending(claim);
    if (isWaiting) {
      const message = 'waiting for first consumer to be created before binding';
      return this.#request.record({ type: 'Normal', reason: 'WaitForFirstConsumer', message });
    }
    if (className !== '') return this.#askProvisioner(claim, className);
    const message = 'no persistent volumes available for this claim and no storage class is set';
    return this.#request.record({ type: 'Normal', reason: 'FailedBinding', message });
  }

  /** The user has chosen. */
  async #takeNamed(claim: HeldClaim): Promise<void> {
    const name = claim.spec?.volumeName ?? '';
    const volume = this.#parts.volumes.get(name);
    if (volume === undefined) return this.#setPending(claim);
    if (volume.spec?.claimRef !== undefined && !isMeantFor(volume, claim)) {
      await this.#setPending(claim);
      const message = `volume "${name}" already bound to a different claim.`;
      return this.#request.record({ type: 'Warning', reason: 'FailedBinding', message });
    }
    const problem = whyUnsuitable(claim, volume);
    if (problem === undefined) return this.#bind(claim, volume);
    await this.#setPending(claim);
    const message = `Cannot bind to requested volume "${name}": ${problem}`;
    this.#request.record({ type: 'Warning', reason: 'VolumeMismatch', message });
  }

  async #askProvisioner(claim: HeldClaim, className: string): Promise<void> {
    const provisioner = this.#parts.classes.get(className)?.provisioner;
    if (provisioner === undefined || provisioner === 'kubernetes.io/no-provisioner') {
      const message =
        provisioner === undefined
          ? `storageclass.storage.k8s.io "${className}" not found`
          : `no volume plugin matched name: ${provisioner}`;
      return this.#request.record({ type: 'Warning', reason: 'ProvisioningFailed', message });
    }
    const asked = { [storageProvisioner]: provisioner, [storageProvisionerBefore]: provisioner };
    if (annotationsOf(claim)[storageProvisioner] === provisioner) return;
    const annotations = { ...annotationsOf(claim), ...asked };
    await this.#replaceClaim({ ...claim, metadata: { ...claim.metadata, annotations } });
    const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
    this.#request.record({ type: 'Normal', reason: 'ExternalProvisioning', message });
  }

  async #bind(claim: HeldClaim, volume: HeldVolume): Promise<void> {
    if (!(await this.#giveVolume(volume, claim))) return;
    const annotations: Record<string, string> = { ...annotationsOf(claim), [bindCompleted]: 'yes' };
    const { name: volumeName = '' } = volume.metadata ?? {};
    const isOurChoice = (claim.spec?.volumeName ?? '') === '';
    if (isOurChoice) annotations[boundByController] = 'yes';
    const isNamed = !isOurChoice && annotationsOf(claim)[bindCompleted] !== undefined;
    const spec = { ...claim.spec, volumeName };
    const metadata = { ...claim.metadata, annotations };
    const bound = isNamed ? claim : await this.#replaceClaim({ ...claim, metadata, spec });
    if (bound === undefined) return;
    const { accessModes = [], capacity = {}, volumeAttributesClassName } = volume.spec ?? {};
    const { capacity: before, ...status } = bound.status ?? {};
    await this.#setStatus(bound, {
      ...status,
      phase: 'Bound',
      accessModes,
      // A volume that grows tells its claim when the file system has grown.
      capacity: status.phase === 'Bound' && before !== undefined ? before : capacity,
      ...(volumeAttributesClassName === undefined
        ? {}
        : { currentVolumeAttributesClassName: volumeAttributesClassName }),
    });
  }

  /** Answers false where somebody else was faster. */
  async #giveVolume(volume: HeldVolume, claim: HeldClaim): Promise<boolean> {
    const before = volume.spec?.claimRef;
    const claimRef = claimRefTo(claim);
    if (before?.uid === claimRef.uid) return true;
    const metadata =
      before === undefined
        ? {
            ...volume.metadata,
            annotations: { ...annotationsOf(volume), [boundByController]: 'yes' },
          }
        : volume.metadata;
    const given = { ...volume, ...(metadata && { metadata }), spec: { ...volume.spec, claimRef } };
    const { client, volumes } = this.#parts;
    const { signal } = this.#request;
    const written = await unlessOutdated(client.replace(PersistentVolume, given, { signal }));
    this.#isOvertaken = written === undefined;
    if (written === undefined) return false;
    await volumes.reached(written, { signal });
    return true;
  }

  /** The scheduler chooses the node of the first pod, and only then a volume. */
  #waitsForConsumer(claim: HeldClaim): boolean {
    const mode = this.#parts.classes.get(classNameOf(claim))?.volumeBindingMode;
    return mode === 'WaitForFirstConsumer' && annotationsOf(claim)[selectedNode] === undefined;
  }

  async #replaceClaim(claim: HeldClaim): Promise<HeldClaim | undefined> {
    const { client } = this.#parts;
    const { signal } = this.#request;
    const written = await unlessOutdated(client.replace(PersistentVolumeClaim, claim, { signal }));
    if (written !== undefined) await this.#request.reached(written);
    return written;
  }

  #setPending(claim: HeldClaim): Promise<void> {
    return this.#setStatus(claim, { ...claim.status, phase: 'Pending' });
  }

  async #lose(claim: HeldClaim, event: EventText): Promise<void> {
    if (claim.status?.phase === 'Lost') return;
    await this.#setStatus(claim, { phase: 'Lost' });
    this.#request.record(event);
  }

  async #setStatus(
    object: HeldClaim,
    status: DeepReadonly<NonNullable<PersistentVolumeClaim['status']>>,
  ): Promise<void> {
    await writeStatus(this.#request, PersistentVolumeClaim, { object, status });
  }
}
