import type { Client } from '@fairway/client';
import {
  type HeldClaim,
  boundByController,
  claimRefTo,
  selectedNode,
} from '@fairway/kind-rules/volumes';
import { PersistentVolume, PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import { annotationsOf } from '@fairway/protocol';
import { type Informer, keyOf } from '@fairway/reconcile';
import { isBound } from '../plugins/claim-state.ts';
import type { Lookup } from '../snapshot/cluster-objects.ts';
import type { ClaimBinding, VolumePlan } from '../snapshot/volume-reservations.ts';

/** How long others may take to bind and to make volumes. Source: kube-scheduler, `bindTimeoutSeconds`. */
const volumesMsMax = 600_000;

export interface VolumeParts {
  readonly client: Client;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Lookup<PersistentVolume>;
}

/**
 * Gives claims their volumes, and asks for those that are to be made, then waits until all are bound.
 *
 * Errors: what the API refuses; when volumes cannot be made, or are not made in time; the reason of the
 * signal.
 */
export async function bindVolumes(
  { client, claims, volumes }: VolumeParts,
  { plan, nodeName }: { readonly plan: VolumePlan; readonly nodeName: string },
  signal: AbortSignal,
): Promise<void> {
  const ending = new AbortController();
  const late = client.clock.schedule(volumesMsMax, () =>
    ending.abort(new Error(`volumes were not bound within ${volumesMsMax / 1_000} s`)),
  );
  const parts = { client, claims, volumes, signal: AbortSignal.any([signal, ending.signal]) };
  try {
    await Promise.all([
      ...plan.bind.map((binding) => keepVolume(parts, binding)),
      ...plan.provision.map((claim) => askForVolume(parts, claim, nodeName)),
    ]);
  } finally {
    late.cancel();
    // Where one claim gets no volume, the others are not waited for.
    ending.abort();
  }
}

interface EndingParts extends VolumeParts {
  readonly signal: AbortSignal;
}

/** Keeps a volume for a claim; whoever binds claims does the rest. */
async function keepVolume(parts: EndingParts, { claim: key, volume }: ClaimBinding): Promise<void> {
  const { client, volumes, signal } = parts;
  const claim = requireClaim(parts, key);
  const { resourceVersion } = volumes.get(volume)?.metadata ?? {};
  const metadata = { resourceVersion, annotations: { [boundByController]: 'yes' } };
  await client.patch(
    PersistentVolume,
    volume,
    { merge: { metadata, spec: { claimRef: claimRefTo(claim) } } },
    { signal },
  );
  await untilBound(parts, claim);
}

/** Has a volume made for a claim where a node reaches it. */
async function askForVolume(parts: EndingParts, key: string, nodeName: string): Promise<void> {
  const { client, claims, signal } = parts;
  const claim = requireClaim(parts, key);
  const { name = '', namespace = '', resourceVersion } = claim.metadata ?? {};
  const metadata = { resourceVersion, annotations: { [selectedNode]: nodeName } };
  const where = { namespace, signal };
  const asked = await client.patch(PersistentVolumeClaim, name, { merge: { metadata } }, where);
  await claims.reached(asked, { signal });
  await untilBound(parts, claim, (held) => {
    // Whoever should make the volume cannot do so for this node.
    const isGivenUp = annotationsOf(held)[selectedNode] !== nodeName;
    return isGivenUp ? `provisioning failed for PVC "${key}"` : undefined;
  });
}

function requireClaim({ claims }: EndingParts, key: string): HeldClaim {
  const claim = claims.get(key);
  if (claim === undefined) throw new Error(`the claim ${key} is gone`);
  return claim;
}

/** `whyNever`: why a claim that is not bound yet will not be. */
async function untilBound(
  { claims, signal }: EndingParts,
  claim: HeldClaim,
  whyNever: (held: HeldClaim) => string | undefined = () => undefined,
): Promise<void> {
  let problem: string | undefined;
  const isSettled = (held: HeldClaim | undefined): boolean => {
    if (held === undefined) problem = `the claim ${keyOf(claim)} is gone`;
    else if (isBound(held)) return true;
    else problem = whyNever(held);
    return problem !== undefined;
  };
  await claims.objectReached(claim, isSettled, { signal });
  if (problem !== undefined) throw new Error(problem);
}
