import { type Client, requestToken } from '@fairway/client';
import { PersistentVolume, PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import type { AnyPod } from './pod-lifecycle/pod-containers.ts';
import { ifThere, podSources } from './pod-sources.ts';
import type { VolumeSources } from './volumes/volume-sources.ts';

/** What the volumes of a pod are made from, as an API has it for the node of `client`. */
export function podVolumeSources(client: Client, { metadata, spec }: AnyPod): VolumeSources {
  const { namespace = '', name = '', uid = '' } = metadata ?? {};
  const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name, uid };
  return {
    ...podSources(client, namespace),
    claim: (claim) => ifThere(client.get(PersistentVolumeClaim, claim, { namespace })),
    persistentVolume: (volume) => ifThere(client.get(PersistentVolume, volume)),
    token: ({ audience, expirationSeconds }) =>
      requestToken(client, spec?.serviceAccountName ?? 'default', {
        namespace,
        expirationSeconds,
        ...(audience === undefined ? {} : { audiences: [audience] }),
        boundObjectRef,
      }),
  };
}
