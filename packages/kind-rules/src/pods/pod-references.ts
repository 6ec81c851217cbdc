import type { Container, PersistentVolume, Pod, Volume } from '@fairway/kinds/core/v1';
import { annotationsOf, type DeepReadonly } from '@fairway/protocol';
import { claimNameOf } from './claim-names.ts';

/** Marks pods that a kubelet made of a file, and that nobody else can change. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** Whether a pod only shows one that its node runs by itself. */
export function isMirrorPod(pod: DeepReadonly<Pod>): boolean {
  return annotationsOf(pod)[mirrorAnnotation] !== undefined;
}

/** What a pod names in its namespace, by the names of the objects. Each may come more than once. */
export interface PodReferences {
  readonly secrets: readonly string[];
  readonly configmaps: readonly string[];
  readonly persistentvolumeclaims: readonly string[];
  readonly resourceclaims: readonly string[];
  readonly serviceaccounts: readonly string[];
}

/** Source: core/v1 Pod; what a kubelet reads to run one. */
export function podReferences(pod: Pod): PodReferences {
  const { metadata: { name = '' } = {}, spec } = pod;
  const volumes = spec?.volumes ?? [];
  const sources = volumes.flatMap(({ projected }) => projected?.sources ?? []);
  const containers = containersOf(pod);
  return {
    secrets: named([
      ...(spec?.imagePullSecrets ?? []).map(({ name }) => name),
      ...containers.flatMap((container) => variablesOf(container).secrets),
      ...volumes.flatMap(secretsOfVolume),
      ...sources.map(({ secret }) => secret?.name),
    ]),
    configmaps: named([
      ...containers.flatMap((container) => variablesOf(container).configmaps),
      ...volumes.map(({ configMap }) => configMap?.name),
      ...sources.map(({ configMap }) => configMap?.name),
    ]),
    persistentvolumeclaims: named(volumes.map((volume) => claimNameOf(name, volume))),
    resourceclaims: resourceClaimsOf(pod),
    serviceaccounts: named([spec?.serviceAccountName]),
  };
}

/**
 * What a pod names that only the API has, in words; undefined: nothing. Pods that a node makes by itself may not:
 * their node would get the right to read it.
 */
export function podReferenceInWords(pod: Pod): string | undefined {
  const { spec } = pod;
  const names = podReferences(pod);
  if (names.serviceaccounts.length > 0) return 'a service account';
  if (names.secrets.length > 0) return 'secrets';
  if (names.configmaps.length > 0) return 'configmaps';
  const sources = (spec?.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
  if (sources.some((each) => each.clusterTrustBundle)) return 'clustertrustbundles';
  if (names.persistentvolumeclaims.length > 0) return 'persistentvolumeclaims';
  if ((spec?.resourceClaims ?? []).length > 0) return 'resourceclaims';
  return undefined;
}

/** A secret that a node needs for a volume, in the namespace that the volume names. */
export interface VolumeSecret {
  readonly namespace: string;
  readonly name: string;
}

/** The secrets of a bound volume which its node uses; those that only a controller uses are left out. */
export function nodeSecretsOf({ spec }: PersistentVolume): readonly VolumeSecret[] {
  const namespace = spec?.claimRef?.namespace ?? '';
  const { azureFile, cephfs, cinder, csi, flexVolume, iscsi, rbd, scaleIO, storageos } = spec ?? {};
  const references = [
    azureFile && { name: azureFile.secretName, namespace: azureFile.secretNamespace },
    ...[cephfs, cinder, flexVolume, iscsi, rbd, scaleIO, storageos].map((each) => each?.secretRef),
    csi?.nodePublishSecretRef,
    csi?.nodeStageSecretRef,
    csi?.nodeExpandSecretRef,
  ];
  return references.flatMap((each) =>
    each?.name ? [{ name: each.name, namespace: each.namespace || namespace }] : [],
  );
}

function containersOf({ spec }: Pod): readonly Pick<Container, 'env' | 'envFrom'>[] {
  return [
    ...(spec?.initContainers ?? []),
    ...(spec?.containers ?? []),
    ...(spec?.ephemeralContainers ?? []),
  ];
}

type Names = readonly (string | undefined)[];

function variablesOf({ env = [], envFrom = [] }: Pick<Container, 'env' | 'envFrom'>): {
  readonly secrets: Names;
  readonly configmaps: Names;
} {
  return {
    secrets: [
      ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
      ...envFrom.map(({ secretRef }) => secretRef?.name),
    ],
    configmaps: [
      ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
      ...envFrom.map(({ configMapRef }) => configMapRef?.name),
    ],
  };
}

function secretsOfVolume(volume: Volume): Names {
  const { cephfs, cinder, flexVolume, iscsi, rbd, scaleIO, storageos } = volume;
  return [
    volume.secret?.secretName,
    volume.azureFile?.secretName,
    volume.csi?.nodePublishSecretRef?.name,
    ...[cephfs, cinder, flexVolume, iscsi, rbd, scaleIO, storageos].map(
      (each) => each?.secretRef?.name,
    ),
  ];
}

/** A claim that is made from a template has a name once the status tells it. */
function resourceClaimsOf({ spec, status }: Pod): readonly string[] {
  const made = new Map(
    (status?.resourceClaimStatuses ?? []).map((each) => [each.name, each.resourceClaimName]),
  );
  return named([
    ...(spec?.resourceClaims ?? []).map((each) => each.resourceClaimName ?? made.get(each.name)),
    status?.extendedResourceClaimStatus?.resourceClaimName,
  ]);
}

function named(names: Names): readonly string[] {
  return names.filter((name) => name !== undefined && name !== '') as readonly string[];
}
