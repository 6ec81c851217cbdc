import type {
  Affinity,
  Container,
  PodAffinityTerm,
  PodSpec,
  PodTemplateSpec,
  WeightedPodAffinityTerm,
} from '@fairway/kinds/core/v1';

import {
  appArmorDeprecation,
  appArmorOfContainer,
  seccompOfContainer,
  seccompOfPod,
} from '../pods/profile-annotations.ts';
import { byteWarnings } from './amounts.ts';
import { nodeLabelDeprecation, nodeTermWarnings } from './node-labels.ts';
import { portWarnings } from './ports.ts';
import { volumeWarnings } from './volumes.ts';

/**
 * What a pod, or the template of one, says that may not be meant: what has no effect, what is
 * deprecated, what stands twice. `path` ends in a dot unless it is empty.
 *
 * Source: API reference, Pod; what a kube-apiserver 1.36 warns of.
 */
export function* podWarnings(
  template: Pick<PodTemplateSpec, 'metadata' | 'spec'> | undefined,
  path: string,
): Iterable<string> {
  const { metadata, spec } = template ?? {};
  if (!spec) return;
  const specPath = `${path}spec`;
  yield* schedulingWarnings(spec, specPath);
  const annotations = metadata?.annotations ?? {};
  const isAnnotated = Object.keys(annotations).length > 0;
  for (const [key, why] of isAnnotated ? deprecatedAnnotations : []) {
    if (key in annotations) yield `${path}metadata.annotations[${key}]: ${why}`;
  }
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    yield* volumeWarnings(volume, `${specPath}.volumes[${index}]`);
  }
  yield* repeatedNames(spec, specPath);
  yield* byteWarnings(spec.overhead, inBytes, `${specPath}.overhead`);
  if (seccompOfPod in annotations && !spec.securityContext?.seccompProfile) {
    yield `${path}metadata.annotations[${seccompOfPod}]: ${seccompWhy}`;
  }
  for (const [container, at] of containersOf(spec, specPath)) {
    if (isAnnotated) {
      yield* seccompWarnings(container, annotations, `${path}metadata.annotations`);
      // Of a pod this was told when it got the field.
      if (path !== '' && !spec.securityContext?.appArmorProfile) {
        yield* appArmorWarnings(container, annotations, `${path}metadata.annotations`);
      }
    }
    yield* containerWarnings(container, at);
  }
  yield* portWarnings(longRunningOf(spec, specPath));
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    yield `${specPath}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`;
  }
}

function* schedulingWarnings(spec: PodSpec, path: string): Iterable<string> {
  for (const key of Object.keys(spec.nodeSelector ?? {})) {
    const deprecation = nodeLabelDeprecation(key);
    if (deprecation !== undefined) yield `${path}.nodeSelector[${key}]: ${deprecation}`;
  }
  if (spec.affinity) yield* affinitiesWarnings(spec.affinity, path);
  for (const [index, constraint] of (spec.topologySpreadConstraints ?? []).entries()) {
    const at = `${path}.topologySpreadConstraints[${index}]`;
    const { topologyKey, labelSelector } = constraint;
    const deprecation = nodeLabelDeprecation(topologyKey);
    if (deprecation !== undefined) yield `${at}.topologyKey: ${topologyKey} is ${deprecation}`;
    if (!labelSelector) yield `${at}.labelSelector: ${noPod}`;
  }
}

function* affinitiesWarnings(
  { nodeAffinity, podAffinity, podAntiAffinity }: Affinity,
  path: string,
): Iterable<string> {
  const nodePath = `${path}.affinity.nodeAffinity`;
  const terms = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  for (const [index, term] of (terms ?? []).entries()) {
    const at = `${nodePath}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${index}]`;
    yield* nodeTermWarnings(term, at);
  }
  const preferred = nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  for (const [index, { preference }] of preferred.entries()) {
    const at = `${nodePath}.preferredDuringSchedulingIgnoredDuringExecution[${index}].preference`;
    yield* nodeTermWarnings(preference, at);
  }
  for (const [name, affinity] of Object.entries({ podAffinity, podAntiAffinity })) {
    yield* affinityWarnings(affinity ?? {}, `${path}.affinity.${name}`);
  }
}

const noPod = 'a null labelSelector results in matching no pod';

function* affinityWarnings(
  affinity: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[];
    readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly WeightedPodAffinityTerm[];
  },
  path: string,
): Iterable<string> {
  const required = affinity.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  for (const [index, term] of required.entries()) {
    if (term.labelSelector) continue;
    yield `${path}.requiredDuringSchedulingIgnoredDuringExecution[${index}].labelSelector: ${noPod}`;
  }
  const preferred = affinity.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  for (const [index, { podAffinityTerm }] of preferred.entries()) {
    if (podAffinityTerm?.labelSelector) continue;
    yield `${path}.preferredDuringSchedulingIgnoredDuringExecution[${index}].podAffinityTerm.labelSelector: ${noPod}`;
  }
}

const seccompWhy = 'non-functional in v1.27+; use the "seccompProfile" field instead';
const deprecatedAnnotations: ReadonlyMap<string, string> = new Map([
  [
    'scheduler.alpha.kubernetes.io/critical-pod',
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  ],
  [
    'security.alpha.kubernetes.io/sysctls',
    'non-functional in v1.11+; use the "sysctls" field instead',
  ],
  [
    'security.alpha.kubernetes.io/unsafe-sysctls',
    'non-functional in v1.11+; use the "sysctls" field instead',
  ],
]);

function* seccompWarnings(
  { name, securityContext }: Container,
  annotations: Readonly<Record<string, string>>,
  path: string,
): Iterable<string> {
  const seccomp = `${seccompOfContainer}${name}`;
  if (seccomp in annotations && !securityContext?.seccompProfile) {
    yield `${path}[${seccomp}]: ${seccompWhy}`;
  }
}

function* appArmorWarnings(
  { name, securityContext }: Container,
  annotations: Readonly<Record<string, string>>,
  path: string,
): Iterable<string> {
  const appArmor = `${appArmorOfContainer}${name}`;
  if (appArmor in annotations && !securityContext?.appArmorProfile) {
    yield `${path}[${appArmor}]: ${appArmorDeprecation}`;
  }
}

function* repeatedNames(spec: PodSpec, path: string): Iterable<string> {
  const addresses = new Set<string>();
  for (const [index, { ip = '' }] of (spec.hostAliases ?? []).entries()) {
    if (addresses.has(ip)) yield `${path}.hostAliases[${index}].ip: duplicate ip "${ip}"`;
    addresses.add(ip);
  }
  const names = new Set<string>();
  for (const [index, { name = '' }] of (spec.imagePullSecrets ?? []).entries()) {
    const at = `${path}.imagePullSecrets[${index}].name`;
    if (name === '') yield `${at}: invalid empty name ""`;
    else if (names.has(name)) yield `${at}: duplicate name "${name}"`;
    names.add(name);
  }
}

type Placed = readonly [container: Container, path: string];

/** All that start or run, in the order in which they start. */
function* containersOf(spec: PodSpec, path: string): Iterable<Placed> {
  for (const [index, container] of (spec.initContainers ?? []).entries()) {
    yield [container, `${path}.initContainers[${index}]`];
  }
  for (const [index, container] of (spec.containers ?? []).entries()) {
    yield [container, `${path}.containers[${index}]`];
  }
  for (const [index, container] of (spec.ephemeralContainers ?? []).entries()) {
    yield [container as Container, `${path}.ephemeralContainers[${index}]`];
  }
}

/** Those that run side by side. */
function* longRunningOf(spec: PodSpec, path: string): Iterable<Placed> {
  for (const placed of containersOf(spec, path)) {
    const [{ restartPolicy }, at] = placed;
    if (restartPolicy === 'Always' || !at.startsWith(`${path}.initContainers`)) yield placed;
  }
}

const inBytes = ['memory', 'ephemeral-storage'];

function* containerWarnings({ resources, env = [] }: Container, path: string): Iterable<string> {
  yield* byteWarnings(resources?.limits, inBytes, `${path}.resources.limits`);
  yield* byteWarnings(resources?.requests, inBytes, `${path}.resources.requests`);
  if (env.length < 2) return;
  const names = new Set<string>();
  for (const [index, { name = '', value = '' }] of env.entries()) {
    const reference = `$(${name})`;
    // One that adds to what was there means to.
    const isAdding = value !== reference && value.includes(reference);
    if (names.has(name) && !isAdding) {
      yield `${path}.env[${index}]: hides previous definition of "${name}", which may be dropped when using apply`;
    }
    names.add(name);
  }
}
