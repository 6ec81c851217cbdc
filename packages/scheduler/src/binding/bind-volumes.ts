import type { Client } from '@fairway/client';
import { PersistentVolume, PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import { annotationsOf } from '@fairway/protocol';
import { parseKey } from '@fairway/reconcile';
import { boundByController, selectedNode } from '@fairway/kind-rules/volumes';
import { isBound } from '../plugins/claim-state.ts';
import type { ClusterObjects } from '../snapshot/cluster-objects.ts';
import type { VolumePlan } from '../snapshot/volume-reservations.ts';

/** How long others may take to bind and to make volumes. Source: kube-scheduler, `bindTimeoutSeconds`. */
const volumesMsMax = 600_000;

/** What waits for storage to change. */
export interface StorageWait {
  readonly objects: ClusterObjects;
  /** Resolves when a claim is known as it was written, or newer. */
  readonly reachedClaim: (resourceVersion: string) => Promise<void>;
  /** Calls whenever something of storage has changed; answers how to end that. */
  readonly onStorage: (look: () => void) => () => void;
}

/**
 * Gives claims their volumes, and asks for those that are to be made, then waits until all are bound.
 *
 * Errors: what the API refuses; when volumes cannot be made, or are not made in time.
 */
export async function bindVolumes(
  client: Client,
  { plan, nodeName }: { readonly plan: VolumePlan; readonly nodeName: string },
  { wait, signal }: { readonly wait: StorageWait; readonly signal: AbortSignal },
): Promise<void> {
  const { objects } = wait;
  await Promise.all([
    ...plan.bind.map(({ claim, volume }) => keepFor(client, claim, volume, objects)),
    ...plan.provision.map(async (claim) => {
      await wait.reachedClaim(await askFor(client, claim, nodeName, objects));
    }),
  ]);
  const claims = [...plan.bind.map(({ claim }) => claim), ...plan.provision];
  const asked = new Set(plan.provision);
  const areBound = (): boolean =>
    claims.every((key) => {
      const claim = objects.claims.get(key);
      if (claim === undefined) throw new Error(`the claim ${key} is gone`);
      if (isBound(claim)) return true;
      // Whoever should make the volume cannot do so for this node.
      if (asked.has(key) && annotationsOf(claim)[selectedNode] !== nodeName) {
        throw new Error(`provisioning failed for PVC "${key}"`);
      }
      return false;
    });
  await until(areBound, { client, wait, signal });
}

/** Keeps a volume for a claim; whoever binds claims does the rest. Answers when it is written. */
async function keepFor(
  client: Client,
  claim: string,
  volume: string,
  { claims, volumes }: ClusterObjects,
): Promise<void> {
  const { namespace, name } = parseKey(claim);
  const { uid, resourceVersion } = claims.get(claim)?.metadata ?? {};
  const before = volumes.get(volume)?.metadata?.resourceVersion;
  const claimRef = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    namespace,
    name,
    uid,
    resourceVersion,
  };
  const annotations = { [boundByController]: 'yes' };
  await client.patch(PersistentVolume, volume, {
    merge: { metadata: { resourceVersion: before, annotations }, spec: { claimRef } },
  });
}

async function askFor(
  client: Client,
  claim: string,
  nodeName: string,
  { claims }: ClusterObjects,
): Promise<string> {
  const { namespace, name } = parseKey(claim);
  const { resourceVersion } = claims.get(claim)?.metadata ?? {};
  const metadata = { resourceVersion, annotations: { [selectedNode]: nodeName } };
  const written = await client.patch(
    PersistentVolumeClaim,
    name,
    { merge: { metadata } },
    { namespace },
  );
  return written.metadata?.resourceVersion ?? '';
}

async function until(
  isReached: () => boolean,
  {
    client,
    wait,
    signal,
  }: { readonly client: Client; readonly wait: StorageWait; readonly signal: AbortSignal },
): Promise<void> {
  if (isReached()) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = (): void => {
    try {
      if (isReached()) resolve();
    } catch (error) {
      reject(error as Error);
    }
  };
  const stop = (): void => reject(signal.reason as Error);
  const late = client.clock.schedule(volumesMsMax, () =>
    reject(new Error(`volumes were not bound within ${volumesMsMax / 1_000} s`)),
  );
  const end = wait.onStorage(look);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    await promise;
  } finally {
    end();
    late.cancel();
    signal.removeEventListener('abort', stop);
  }
}
