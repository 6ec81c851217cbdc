import { PersistentVolume, PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import { StorageClass } from '@fairway/kinds/storage/v1';
import { type DeepReadonly, type KubernetesObject, annotationsOf } from '@fairway/protocol';
import { type Change, type Controller, formatKey, keyOf } from '@fairway/reconcile';
import { type HeldVolume, bindCompleted, classNameOf } from '@fairway/kind-rules/volumes';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer, watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { runTogether } from '../run-together.ts';
import { type BindingParts, ClaimBinder } from './bind-claims.ts';
import { settleVolume } from './settle-volume.ts';

/** Binds claims to volumes, and says of both how they are. */
export function persistentVolumes(parts: ControllerParts): Controller {
  const { client, informers } = parts;
  const claims = sharedInformer(informers, PersistentVolumeClaim);
  const volumes = sharedInformer(informers, PersistentVolume);
  const classes = sharedInformer(informers, StorageClass);
  claims.addIndex('class of unbound', classOfUnbound);
  volumes.addIndex('class', classNameOf);
  volumes.addIndex('claim', claimKeyOf);
  const binding: BindingParts = { client, claims, volumes, classes };
  return runTogether([
    sharedController(parts, PersistentVolumeClaim, {
      watches: [
        watchShared(PersistentVolume, keysOfClaims),
        watchShared(StorageClass, ({ object }) => keysInClass(keyOf(object))),
      ],
      // One at a time, so that no two choose the same volume.
      reconcile: async (request) =>
        request.object && new ClaimBinder(binding, request).run(request.object),
    }),
    sharedController(parts, PersistentVolume, {
      watches: [watchShared(PersistentVolumeClaim, keysOfVolumes)],
      reconcile: async (request) => {
        if (request.object !== undefined) await settleVolume(binding, request, request.object);
      },
    }),
  ]);

  /** The claim that a volume is for or was, and those that may want it now that it is free. */
  function keysOfClaims({ object, old }: Change<KubernetesObject>): readonly string[] {
    const [volume, before] = [object, old] as readonly (HeldVolume | undefined)[];
    const own = [volume, before].flatMap((each) => (each && claimKeyOf(each)) ?? []);
    const isFree = (each: HeldVolume | undefined): boolean =>
      each?.status?.phase === 'Available' && each.spec?.claimRef === undefined;
    const takers = isFree(volume) && !isFree(before) ? keysInClass(classNameOf(object)) : [];
    return [...own, ...takers];
  }

  function keysInClass(className: string): readonly string[] {
    return claims.by('class of unbound', className).map(keyOf);
  }

  /** The volumes that a claim has, had, or is named by. */
  function keysOfVolumes({ object, old }: Change<KubernetesObject>): readonly string[] {
    const states = [
      object,
      ...(old === undefined ? [] : [old]),
    ] as readonly DeepReadonly<PersistentVolumeClaim>[];
    const named = states.flatMap(({ spec }) => spec?.volumeName ?? []);
    return [...new Set([...named, ...volumesMeantFor(keyOf(object))])];
  }

  function volumesMeantFor(claimKey: string): readonly string[] {
    return volumes.by('claim', claimKey).map(keyOf);
  }
}

function classOfUnbound(claim: DeepReadonly<PersistentVolumeClaim>): string | undefined {
  return annotationsOf(claim)[bindCompleted] === undefined ? classNameOf(claim) : undefined;
}

function claimKeyOf({ spec }: DeepReadonly<PersistentVolume>): string | undefined {
  const { namespace = '', name } = spec?.claimRef ?? {};
  return name === undefined ? undefined : formatKey({ namespace, name });
}
