import { createHmac } from 'node:crypto';
import { ConfigMap, Secret } from '@fairway/kinds/core/v1';
import { type Controller, formatKey, isBeingDeleted, unlessOutdated } from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer, watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { bootstrapSecrets, endOf, textOf } from './bootstrap-token.ts';

const place = { namespace: 'kube-public', name: 'cluster-info' } as const;
const signaturePrefix = 'jws-kubeconfig-';

/**
 * Signs the kubeconfig in `cluster-info` with every bootstrap token that is for signing, so that who joins
 * with a token knows that it comes from a cluster that has the token too.
 *
 * Source: Kubernetes, authenticating with bootstrap tokens, ConfigMap signing; RFC 7515 appendix F.
 */
export function signClusterInfo(parts: ControllerParts): Controller {
  const { client, informers } = parts;
  const secrets = sharedInformer(informers, Secret, bootstrapSecrets);
  return sharedController(parts, ConfigMap, {
    namespace: place.namespace,
    fieldSelector: `metadata.name=${place.name}`,
    watches: [watchShared(Secret, () => [formatKey(place)], bootstrapSecrets)],
    async reconcile({ object: map, signal, reached }) {
      const { kubeconfig } = map?.data ?? {};
      if (map === undefined || kubeconfig === undefined) return;
      const tokens = [...secrets.objects()].filter((each) =>
        isForSigning(each, client.clock.now()),
      );
      const signatures = tokens.map((each): [string, string] => [
        `${signaturePrefix}${textOf(each, 'token-id')}`,
        detachedSignature(kubeconfig, each),
      ]);
      const others = Object.entries(map.data ?? {}).filter(
        ([key]) => !key.startsWith(signaturePrefix),
      );
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
    secret.metadata?.name === `bootstrap-token-${id}` &&
    textOf(secret, 'token-secret') !== '' &&
    textOf(secret, 'usage-bootstrap-signing') === 'true' &&
    endOf(secret) > nowMs
  );
}

/** A JWS by HMAC without the text that it signs. */
function detachedSignature(text: string, secret: Secret): string {
  const header = encode(JSON.stringify({ alg: 'HS256', kid: textOf(secret, 'token-id') }));
  const mac = createHmac('sha256', textOf(secret, 'token-secret'));
  return `${header}..${mac.update(`${header}.${encode(text)}`).digest('base64url')}`;
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function isSame(
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
