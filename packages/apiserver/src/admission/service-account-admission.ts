import {
  annotationsOf,
  type Draft,
  forbidden,
  nameSuffix,
  type ObjectDraft,
} from '@fairway/protocol';
import type { Random } from '@fairway/host';
import type { Container, Pod, ServiceAccount, Volume, VolumeMount } from '@fairway/kinds/core/v1';
import type { AdmissionPlugin } from './admission-plugin.ts';
import { checkMountableSecrets } from './mountable-secrets.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';

/** What a pod's service account admission needs to know. */
interface ServiceAccountFacts {
  /** The account that `serviceAccountNameOf` names; undefined when there is none. */
  readonly account: ServiceAccount | undefined;
  /** Five random characters for the name of the token's volume. */
  readonly nameSuffix: () => string;
}

const volumePrefix = 'kube-api-access-';
const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
/** A little more than an hour: the time by which kubelets recognise tokens to refresh. */
const tokenSeconds = 3607;

/** Source: Kubernetes admission, ServiceAccount. */
export function serviceAccount(cluster: ClusterReader, random: Random): AdmissionPlugin<Pod> {
  return {
    name: 'ServiceAccount',
    operations: ['CREATE'],
    resources: ['/pods'],
    async admit({ draft, namespace }) {
      if (draft === undefined) return;
      const name = serviceAccountNameOf(draft);
      const account = await cluster.find<ServiceAccount>('', 'serviceaccounts', {
        namespace,
        name,
      });
      admitServiceAccount(draft, { account, nameSuffix: () => nameSuffix(random) });
    },
    async validate({ object, namespace }) {
      const name = object?.spec?.serviceAccountName;
      if (object === undefined || !name) return;
      const place = { namespace, name };
      const account = await cluster.find<ServiceAccount>('', 'serviceaccounts', place);
      if (account !== undefined) checkMountableSecrets(object, account);
    },
  };
}

/** The account that a pod runs as: `default` when it names none. */
function serviceAccountNameOf(pod: ObjectDraft<Pod>): string {
  return pod.spec?.serviceAccountName || 'default';
}

/**
 * Gives a new pod its service account: the name, the projected token with a mount in every
 * container that has none of its own there, and the account's pull secrets.
 *
 * Errors: Forbidden when the account does not exist, or when a mirror pod asks for one.
 */
export function admitServiceAccount(pod: ObjectDraft<Pod>, facts: ServiceAccountFacts): void {
  pod.spec ??= {};
  const spec = pod.spec;
  if (annotationsOf(pod)['kubernetes.io/config.mirror'] !== undefined) {
    expectPlainMirror(pod);
    return;
  }
  const name = serviceAccountNameOf(pod);
  spec.serviceAccountName = name;
  spec.serviceAccount = name;
  const { account } = facts;
  if (account === undefined) {
    const namespace = pod.metadata?.namespace ?? '';
    throw podForbidden(
      pod,
      `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`,
    );
  }
  const mustMount =
    spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
  if (mustMount) mountToken(spec, facts.nameSuffix);
  const pullSecrets = account.imagePullSecrets ?? [];
  if (!spec.imagePullSecrets?.length && pullSecrets.length > 0) {
    spec.imagePullSecrets = pullSecrets.map((reference) => ({ ...reference }));
  }
}

type PodSpecDraft = NonNullable<ObjectDraft<Pod>['spec']>;

function mountToken(spec: PodSpecDraft, nameSuffix: () => string): void {
  const existing = spec.volumes?.find((volume) => volume.name?.startsWith(volumePrefix));
  const name = existing?.name ?? freeVolumeName(spec.volumes ?? [], nameSuffix);
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const unmounted = containers.filter((container) => !hasMount(container));
  for (const container of unmounted) {
    const mount: VolumeMount = { name, readOnly: true, mountPath };
    container.volumeMounts = [...(container.volumeMounts ?? []), mount];
  }
  if (existing === undefined && unmounted.length > 0) {
    spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
  }
}

const suffixTriesMax = 8;

function freeVolumeName(volumes: readonly Draft<Volume>[], nameSuffix: () => string): string {
  let name = volumePrefix + nameSuffix();
  for (let tries = 1; tries < suffixTriesMax; tries += 1) {
    if (!volumes.some((volume) => volume.name === name)) return name;
    name = volumePrefix + nameSuffix();
  }
  return name;
}

function hasMount(container: Draft<Container>): boolean {
  return container.volumeMounts?.some((mount) => mount.mountPath === mountPath) ?? false;
}

function tokenVolume(name: string): Draft<Volume> {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: tokenSeconds, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [
              {
                path: 'namespace',
                fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' },
              },
            ],
          },
        },
      ],
      defaultMode: 0o644,
    },
  };
}

/** A mirror pod shows what a kubelet runs from files, so it may not refer to objects of the API. */
function expectPlainMirror(pod: ObjectDraft<Pod>): void {
  if (pod.spec?.serviceAccountName) {
    throw podForbidden(pod, 'a mirror pod may not reference service accounts');
  }
  for (const volume of pod.spec?.volumes ?? []) {
    if (volume.secret) throw podForbidden(pod, 'a mirror pod may not reference secrets');
    if (volume.projected?.sources?.some((source) => source.serviceAccountToken)) {
      throw podForbidden(pod, 'a mirror pod may not use ServiceAccountToken volume projections');
    }
  }
}

function podForbidden(pod: ObjectDraft<Pod>, why: string): Error {
  return forbidden({ group: '', plural: 'pods', name: pod.metadata?.name ?? '' }, why);
}
