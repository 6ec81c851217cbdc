import { PersistentVolume } from '@fairway/kinds/core/v1';
import { type DeepReadonly, annotationsOf } from '@fairway/protocol';
import { type ReconcileRequest, formatKey, unlessOutdated } from '@fairway/reconcile';
import { type HeldVolume, boundByController, provisionedBy } from '@fairway/kind-rules/volumes';
import { writeStatus } from '../write-status.ts';
import type { BindingParts } from './bind-claims.ts';

type VolumeStatus = DeepReadonly<NonNullable<PersistentVolume['status']>>;

/**
 * Brings the status of a volume to what its claim is: available, bound or released. Whoever has made a
 * released volume deletes it; nobody can do that for one that was made by hand.
 *
 * Source: kubernetes.io, Persistent Volumes, "Lifecycle of a volume and claim".
 */
export async function settleVolume(
  parts: BindingParts,
  request: ReconcileRequest<PersistentVolume>,
  volume: HeldVolume,
): Promise<void> {
  const { namespace = '', name = '', uid = '' } = volume.spec?.claimRef ?? {};
  if (uid === '') return setPhase(request, volume, { phase: 'Available' });
  const claim = parts.claims.get(formatKey({ namespace, name }));
  if (claim?.metadata?.uid !== uid) return release(request, volume);
  const chosen = claim.spec?.volumeName ?? '';
  // The claim follows; its change calls again.
  if (chosen === '') return undefined;
  if (chosen === volume.metadata?.name) return setPhase(request, volume, { phase: 'Bound' });
  return annotationsOf(volume)[provisionedBy] !== undefined &&
    volume.spec?.persistentVolumeReclaimPolicy === 'Delete'
    ? release(request, volume)
    : giveUp(parts, request, volume);
}

async function release(
  request: ReconcileRequest<PersistentVolume>,
  volume: HeldVolume,
): Promise<void> {
  const phase = volume.status?.phase;
  if (phase === 'Failed') return;
  await setPhase(request, volume, { phase: 'Released' });
  const policy = volume.spec?.persistentVolumeReclaimPolicy ?? 'Retain';
  if (policy === 'Retain' || annotationsOf(volume)[provisionedBy] !== undefined) return;
  // The change of the phase calls again, with the version that the next write needs.
  if (phase !== 'Released') return;
  const [reason, message] =
    policy === 'Recycle'
      ? ['VolumeFailedRecycle', 'No recycler plugin found for the volume!']
      : [
          'VolumeFailedDelete',
          `error getting deleter volume plugin for volume "${volume.metadata?.name}": no deletable volume plugin matched`,
        ];
  await setPhase(request, volume, { phase: 'Failed', message });
  request.record({ type: 'Warning', reason, message });
}

/** The claim has another volume: this one is for others again, unless its user has meant it for that claim. */
async function giveUp(
  { client }: BindingParts,
  request: ReconcileRequest<PersistentVolume>,
  volume: HeldVolume,
): Promise<void> {
  const { claimRef, ...spec } = volume.spec ?? {};
  const { [boundByController]: chosen, ...annotations } = annotationsOf(volume);
  const { uid: _, resourceVersion: _version, ...meant } = claimRef ?? {};
  const freed =
    chosen === undefined
      ? { ...volume, spec: { ...spec, claimRef: meant } }
      : { ...volume, metadata: { ...volume.metadata, annotations }, spec };
  const { signal, reached } = request;
  const written = await unlessOutdated(client.replace(PersistentVolume, freed, { signal }));
  if (written !== undefined) await reached(written);
}

async function setPhase(
  request: ReconcileRequest<PersistentVolume>,
  volume: HeldVolume,
  wanted: Pick<VolumeStatus, 'phase' | 'message'>,
): Promise<void> {
  const { message: _, reason: _reason, ...before } = volume.status ?? {};
  const status: VolumeStatus = { ...before, ...wanted };
  await writeStatus(request, PersistentVolume, { object: volume, status });
}
