import { isAlreadyExists } from '@fairway/client';
import { Node, PersistentVolume, PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import { StorageClass } from '@fairway/kinds/storage/v1';
import { type KubernetesObject, annotationsOf } from '@fairway/protocol';
import {
  type Change,
  type Controller,
  type ReconcileRequest,
  type Requeue,
  isBeingDeleted,
  keyOf,
  requeueWithBackoff,
  unlessOutdated,
  deleteUnlessOutdated,
} from '@fairway/reconcile';
import {
  type HeldClaim,
  type HeldVolume,
  classNameOf,
  isTooSmall,
  provisionedBy,
  selectedNode,
  storageProvisioner,
  wantsMore,
} from '@fairway/kind-rules/volumes';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer, watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { runTogether } from '../run-together.ts';
import { writeStatus } from '../write-status.ts';
import { installLocalPath } from './install-local-path.ts';
import { localPathProvisioner, localVolume, whyNotProvisioned } from './local-volume.ts';

type ClaimRequest = ReconcileRequest<PersistentVolumeClaim>;

/** Makes, grows and deletes the volumes of classes whose volumes are directories of nodes. */
export function localPath(parts: ControllerParts): Controller {
  const { client, informers } = parts;
  const claims = sharedInformer(informers, PersistentVolumeClaim);
  const volumes = sharedInformer(informers, PersistentVolume);
  const classes = sharedInformer(informers, StorageClass);
  const nodes = sharedInformer(informers, Node);
  claims.addIndex('class', classNameOf);
  const work = runTogether([
    sharedController(parts, PersistentVolumeClaim, {
      watches: [watchShared(StorageClass, keysOfClass)],
      reconcile: async (request) => {
        const { object: claim } = request;
        if (claim === undefined || isBeingDeleted(claim)) return undefined;
        if ((claim.spec?.volumeName ?? '') !== '') return grow(request, claim);
        await provision(request, claim);
        return undefined;
      },
    }),
    sharedController(parts, PersistentVolume, {
      reconcile: deleteReleased,
    }),
  ]);
  return {
    async run({ signal }) {
      await installLocalPath(parts.administrator, { signal });
      await work.run({ signal });
    },
  };

  function keysOfClass({ object }: Change<KubernetesObject>): readonly string[] {
    return claims.by('class', keyOf(object)).map(keyOf);
  }

  async function provision(request: ClaimRequest, claim: HeldClaim): Promise<void> {
    const annotations = annotationsOf(claim);
    if (annotations[storageProvisioner] !== localPathProvisioner) return undefined;
    const storageClass = classes.get(classNameOf(claim));
    if (storageClass === undefined) return undefined;
    const nodeName = annotations[selectedNode];
    const problem =
      whyNotProvisioned(claim) ??
      (nodeName === undefined && storageClass.volumeBindingMode !== 'WaitForFirstConsumer'
        ? 'nobody has chosen a node: the class needs volumeBindingMode WaitForFirstConsumer'
        : undefined);
    if (problem !== undefined) return tellFailure(request, claim, problem);
    if (nodeName === undefined) return undefined;
    const node = nodes.get(nodeName);
    if (node === undefined) return chooseAnew(request, claim);
    return create(request, localVolume(claim, { storageClass, node }));
  }

  async function create(
    { record, signal, key }: ClaimRequest,
    volume: ReturnType<typeof localVolume>,
  ): Promise<void> {
    const { name: volumeName } = volume.metadata;
    if (volumes.get(volumeName) !== undefined) return;
    const begins = `External provisioner is provisioning volume for claim "${key}"`;
    record({ type: 'Normal', reason: 'Provisioning', message: begins });
    try {
      const made = await client.create(PersistentVolume, volume, { signal });
      await volumes.reached(made, { signal });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    const message = `Successfully provisioned volume ${volumeName}`;
    record({ type: 'Normal', reason: 'ProvisioningSucceeded', message });
  }

  /** The node has gone since: the scheduler chooses another one. */
  async function chooseAnew(request: ClaimRequest, claim: HeldClaim): Promise<void> {
    const { [selectedNode]: nodeName, ...annotations } = annotationsOf(claim);
    tellFailure(request, claim, `the node "${nodeName}" is gone`);
    const metadata = { ...claim.metadata, annotations };
    const { signal } = request;
    const changed = { ...claim, metadata };
    const written = await unlessOutdated(
      client.replace(PersistentVolumeClaim, changed, { signal }),
    );
    if (written !== undefined) await request.reached(written);
  }

  function tellFailure({ record }: ClaimRequest, claim: HeldClaim, problem: string): void {
    const message = `failed to provision volume with StorageClass "${classNameOf(claim)}": ${problem}`;
    record({ type: 'Warning', reason: 'ProvisioningFailed', message });
  }

  /** A directory has the size of its disk, so that growing is a matter of two numbers. */
  async function grow(request: ClaimRequest, claim: HeldClaim): Promise<Requeue | undefined> {
    const { signal } = request;
    const volume = volumes.get(claim.spec?.volumeName ?? '');
    const storage = claim.spec?.resources?.requests?.['storage'];
    if (volume === undefined || storage === undefined || !isOurs(volume)) return undefined;
    if (!wantsMore(claim)) return undefined;
    if (isTooSmall(volume, claim)) {
      const capacity = { ...volume.spec?.capacity, storage };
      const grown = { ...volume, spec: { ...volume.spec, capacity } };
      const written = await unlessOutdated(client.replace(PersistentVolume, grown, { signal }));
      // A change of the volume does not call for its claim.
      if (written === undefined) return requeueWithBackoff;
      await volumes.reached(written, { signal });
    }
    const status = { ...claim.status, capacity: { ...claim.status?.capacity, storage } };
    const told = await writeStatus(request, PersistentVolumeClaim, { object: claim, status });
    if (told === undefined) return undefined;
    const message = 'Resize volume succeeded';
    request.record({ type: 'Normal', reason: 'VolumeResizeSuccessful', message });
    return undefined;
  }

  async function deleteReleased({
    object: volume,
    signal,
  }: ReconcileRequest<PersistentVolume>): Promise<void> {
    if (volume === undefined || isBeingDeleted(volume) || !isOurs(volume)) return;
    const isReleased = volume.status?.phase === 'Released';
    if (!isReleased || volume.spec?.persistentVolumeReclaimPolicy !== 'Delete') return;
    await deleteUnlessOutdated(client, PersistentVolume, volume, { signal });
  }
}

function isOurs(volume: HeldVolume): boolean {
  return annotationsOf(volume)[provisionedBy] === localPathProvisioner;
}
