import {
  clusterInfoKey,
  clusterInfoPlace,
  isSignatureKey,
  signatureKey,
  signatureOf,
} from '@fairway/kind-rules/nodes';
import { ConfigMap, Secret } from '@fairway/kinds/core/v1';
import { type BootstrapTokenParts, bootstrapTokenSecretName } from '@fairway/protocol';
import { type Controller, formatKey, isBeingDeleted, unlessOutdated } from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer, watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { bootstrapSecrets, endOf, textOf } from './bootstrap-token.ts';

/**
 * Signs the kubeconfig in `cluster-info` with every bootstrap token that is for signing, so that who joins
 * with a token knows that it comes from a cluster that has the token too.
 */
export function signClusterInfo(parts: ControllerParts): Controller {
  const { client, informers } = parts;
  const secrets = sharedInformer(informers, Secret, bootstrapSecrets);
  return sharedController(parts, ConfigMap, {
    namespace: clusterInfoPlace.namespace,
    fieldSelector: `metadata.name=${clusterInfoPlace.name}`,
    watches: [watchShared(Secret, () => [formatKey(clusterInfoPlace)], bootstrapSecrets)],
    async reconcile({ object: map, signal, reached }) {
      const kubeconfig = map?.data?.[clusterInfoKey];
      if (map === undefined || kubeconfig === undefined) return;
      const tokens = [...secrets.objects()].filter((each) =>
        isForSigning(each, client.clock.now()),
      );
      const signatures = tokens.map((each): [string, string] => [
        signatureKey(textOf(each, 'token-id')),
        signatureOf(kubeconfig, tokenOf(each)),
      ]);
      const others = Object.entries(map.data ?? {}).filter(([key]) => !isSignatureKey(key));
      const data = Object.fromEntries([...others, ...signatures]);
      if (isSame(data, map.data ?? {})) return;
      // Where it has changed meanwhile, that change calls for the next look.
      const written = client.replace(ConfigMap, { ...map, data }, { signal });
      const signed = await unlessOutdated(written);
      if (signed !== undefined) await reached(signed);
    },
  });
}

function isForSigning(secret: Secret, nowMs: number): boolean {
  const id = textOf(secret, 'token-id');
  return (
    !isBeingDeleted(secret) &&
    /^[a-z0-9]{6}$/.test(id) &&
    secret.metadata?.name === bootstrapTokenSecretName(id) &&
    textOf(secret, 'token-secret') !== '' &&
    textOf(secret, 'usage-bootstrap-signing') === 'true' &&
    endOf(secret) > nowMs
  );
}

function tokenOf(secret: Secret): BootstrapTokenParts {
  return { id: textOf(secret, 'token-id'), secret: textOf(secret, 'token-secret') };
}

function isSame(
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
