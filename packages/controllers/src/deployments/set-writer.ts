import type { Client } from '@fairway/client';
import { Deployment, ReplicaSet } from '@fairway/kinds/apps/v1';
import { type DeepReadonly, annotationsOf, equalsJson } from '@fairway/protocol';
import {
  type Informer,
  type ReconcileRequest,
  controllerReference,
  deleteUnlessOutdated,
  unlessOutdated,
} from '@fairway/reconcile';
import { createOwned } from '../owned-objects/create-owned.ts';
import { templateHash } from '../revisions/template-hash.ts';
import { rolloutBounds } from './bounds.ts';
import { type SizeNotes, currentAnnotations, sizeAnnotations } from './revisions.ts';
import { type HeldSet, isSameTemplate, sizeOf, templateHashLabel } from './rollout.ts';

/** What came of making a replica set. */
export type MakeOutcome =
  | { readonly kind: 'made' | 'found'; readonly name: string }
  /** Its name is taken by another template, by chance of the hash: another one is to be tried. */
  | { readonly kind: 'collision' };

/** Writes the replica sets of one Deployment. The cache has what was written when a call resolves. */
export class SetWriter {
  readonly #client: Client;
  readonly #sets: Informer<ReplicaSet>;
  readonly #deployment: DeepReadonly<Deployment>;
  readonly #request: Pick<ReconcileRequest<Deployment>, 'record' | 'signal'>;

  constructor(
    parts: { readonly client: Client; readonly sets: Informer<ReplicaSet> },
    deployment: DeepReadonly<Deployment>,
    request: Pick<ReconcileRequest<Deployment>, 'record' | 'signal'>,
  ) {
    this.#client = parts.client;
    this.#sets = parts.sets;
    this.#deployment = deployment;
    this.#request = request;
  }

  /** Makes the replica set of the template that the Deployment has now. */
  async make({
    size,
    revision,
  }: {
    readonly size: number;
    readonly revision: number;
  }): Promise<MakeOutcome> {
    const set = this.#newSet(size, revision);
    const { name } = set.metadata;
    const wanted = { owner: this.#deployment, object: set, ...this.#options };
    const outcome = await createOwned(this.#client, ReplicaSet, wanted);
    if (outcome.kind === 'taken') return { kind: 'collision' };
    const { template } = outcome.object.spec ?? {};
    const isOfAnother = !isSameTemplate(template, this.#deployment.spec?.template);
    if (outcome.kind === 'found' && isOfAnother) return { kind: 'collision' };
    await this.#reached(outcome.object);
    if (outcome.kind === 'made' && size > 0) this.#recordScaling(name, 0, size);
    return { kind: outcome.kind, name };
  }

  /** Gives the current replica set what it takes from the Deployment. */
  async refresh(set: HeldSet, revision: number): Promise<void> {
    const annotations = currentAnnotations(this.#deployment, { set, revision });
    const { minReadySeconds } = this.#deployment.spec ?? {};
    const isSame =
      equalsJson(annotations, annotationsOf(set)) && set.spec?.minReadySeconds === minReadySeconds;
    if (isSame || set.spec === undefined) return;
    await this.#replace(set, { annotations, spec: withMinReady(set.spec, minReadySeconds) });
  }

  /**
   * Scales a replica set, and notes on it the whole that its share is of. Answers whether its size changed.
   */
  async resize(set: HeldSet, size: number): Promise<boolean> {
    const before = sizeOf(set);
    const annotations = { ...annotationsOf(set), ...sizeAnnotations(this.#sizeNotes()) };
    if (before === size && equalsJson(annotations, annotationsOf(set))) return false;
    const isWritten = await this.#replace(set, {
      annotations,
      ...(set.spec === undefined ? {} : { spec: { ...set.spec, replicas: size } }),
    });
    if (!isWritten || before === size) return false;
    this.#recordScaling(set.metadata?.name ?? '', before, size);
    return true;
  }

  async delete(set: HeldSet): Promise<void> {
    await deleteUnlessOutdated(this.#client, ReplicaSet, set, this.#options);
  }

  get #options(): { readonly signal: AbortSignal } {
    return { signal: this.#request.signal };
  }

  #newSet(size: number, revision: number): ReplicaSet & { metadata: { readonly name: string } } {
    const { metadata, spec, status } = this.#deployment;
    const hash = templateHash(spec?.template ?? {}, status?.collisionCount ?? 0);
    const labels = { ...spec?.template.metadata?.labels, [templateHashLabel]: hash };
    const { matchLabels } = spec?.selector ?? {};
    const selector = {
      ...spec?.selector,
      matchLabels: { ...matchLabels, [templateHashLabel]: hash },
    };
    const template = { ...spec?.template, metadata: { ...spec?.template.metadata, labels } };
    const set: DeepReadonly<ReplicaSet> & { metadata: { readonly name: string } } = {
      metadata: {
        name: `${metadata?.name}-${hash}`,
        namespace: metadata?.namespace ?? '',
        labels,
        annotations: {
          ...currentAnnotations(this.#deployment, { revision }),
          ...sizeAnnotations(this.#sizeNotes()),
        },
        ownerReferences: [controllerReference(Deployment, this.#deployment)],
      },
      spec: { ...withMinReady({ selector, template, replicas: size }, spec?.minReadySeconds) },
    };
    return set as ReplicaSet & { metadata: { readonly name: string } };
  }

  #sizeNotes(): SizeNotes {
    const desired = this.#deployment.spec?.replicas ?? 0;
    return { desired, max: desired + rolloutBounds(this.#deployment).surge };
  }

  async #replace(
    set: HeldSet,
    changed: {
      readonly annotations: Readonly<Record<string, string>>;
      readonly spec?: HeldSet['spec'];
    },
  ): Promise<boolean> {
    const { annotations, spec = set.spec } = changed;
    const replacement = {
      ...set,
      metadata: { ...set.metadata, annotations },
      ...(spec === undefined ? {} : { spec }),
    };
    const written = await unlessOutdated(
      this.#client.replace(ReplicaSet, replacement, this.#options),
    );
    if (written === undefined) return false;
    await this.#reached(written);
    return true;
  }

  async #reached(written: DeepReadonly<ReplicaSet>): Promise<void> {
    await this.#sets.reached(written, this.#options);
  }

  #recordScaling(name: string, before: number, size: number): void {
    const direction = size > before ? 'up' : 'down';
    this.#request.record({
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled ${direction} replica set ${name} from ${before} to ${size}`,
    });
  }
}

function withMinReady(
  spec: NonNullable<HeldSet['spec']>,
  minReadySeconds: number | undefined,
): NonNullable<HeldSet['spec']> {
  const { minReadySeconds: _, ...rest } = spec;
  return minReadySeconds === undefined ? rest : { ...rest, minReadySeconds };
}
