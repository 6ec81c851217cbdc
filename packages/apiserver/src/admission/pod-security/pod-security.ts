import { joinErrors } from '@fairway/access';
import type { Clock } from '@fairway/host';
import type { Namespace, Pod } from '@fairway/kinds/core/v1';
import {
  type FieldError,
  type KubernetesObject,
  fieldErrorText,
  forbidden,
  internalError,
  invalid,
} from '@fairway/protocol';
import type { AdmissionPlugin, ValidateRequest } from '../admission-plugin.ts';
import type { ClusterReader } from '../../reads/cluster-reader.ts';
import type { CheckedPod } from './controls/control.ts';
import { existingPodWarnings } from './existing-pods.ts';
import { exemptNamespaceWarning, namespaceChange } from './namespace-change.ts';
import {
  type LevelVersion,
  type Policy,
  isFullyPrivileged,
  labelPrefix,
  readPolicy,
  textOf,
} from './namespace-policy.ts';
import { podMakers, podOf } from './pod-of.ts';
import { type PodSecurityConfiguration, defaultPodSecurity } from './pod-security-configuration.ts';
import { detailsOf, violationsOf } from './security-standards.ts';
import { isSignificantUpdate } from './significant-update.ts';

interface Parts {
  readonly cluster: Pick<ClusterReader, 'find' | 'undecoded'>;
  readonly clock: Pick<Clock, 'elapsed'>;
}

type Request = ValidateRequest<KubernetesObject>;

/**
 * Holds pods to the level that the labels of their namespace name: refuses them, warns of them, or notes them
 * for the audit log. What makes pods is never refused.
 *
 * Source: KEP-2579; Kubernetes, "Pod Security Admission".
 */
export function podSecurity(
  { cluster, clock }: Parts,
  { defaults, exemptions }: PodSecurityConfiguration = defaultPodSecurity,
): AdmissionPlugin {
  const isExempt = (pod: Pick<Pod, 'spec'>): boolean =>
    exemptions.runtimeClasses.includes(pod.spec?.runtimeClassName ?? '');

  const checkNamespace = async (request: Request, namespace: Namespace): Promise<void> => {
    const { name, resource, stored } = request;
    const change = namespaceChange(namespace, stored as Namespace | undefined, defaults);
    if (change.kind === 'nothing') return;
    if (change.kind === 'invalid') throw invalid({ ...resource, name }, change.errors);
    const { policy } = change;
    if (exemptions.namespaces.includes(name)) {
      const warning = exemptNamespaceWarning(namespace, policy, defaults);
      if (warning !== undefined) request.warn(warning);
    } else if (stored !== undefined) {
      const pods = await cluster.undecoded<Pod>('', 'pods', name);
      const existing = { namespace: name, pods, isExempt, clock };
      for (const each of await existingPodWarnings(policy.enforce, existing)) request.warn(each);
    }
  };

  const checkPod = async (request: Request, object: KubernetesObject): Promise<void> => {
    const { resource, namespace: name, user, stored } = request;
    if (exemptions.namespaces.includes(name)) return annotate(request, 'exempt', 'namespace');
    if (exemptions.usernames.includes(user.username)) return annotate(request, 'exempt', 'user');
    const namespace = await cluster.find<Namespace>('', 'namespaces', { name });
    const isPod = resource.plural === 'pods';
    if (namespace === undefined) return isPod ? refuseUnknown(name) : undefined;
    const { policy, errors } = readPolicy(namespace.metadata?.labels, defaults);
    if (errors.length === 0 && isFree(policy, isPod)) {
      return isPod ? annotate(request, enforcePolicy, textOf(policy.enforce)) : undefined;
    }
    if (isPod && stored !== undefined && !isSignificantUpdate(object as Pod, stored as Pod)) return;
    const { metadata, spec } = podOf(resource, object) ?? {};
    if (spec === undefined) return;
    if (isExempt({ spec })) return annotate(request, 'exempt', 'runtimeClass');
    if (errors.length > 0) annotate(request, 'error', `Failed to parse policy: ${listOf(errors)}`);
    evaluate(request, policy, { ...(metadata && { metadata }), spec });
  };

  return {
    name: 'PodSecurity',
    operations: ['CREATE', 'UPDATE'],
    resources: ['/namespaces', '/pods', '/pods/ephemeralcontainers', '/pods/resize', ...podMakers],
    async validate(request) {
      const { object, resource } = request;
      if (object === undefined) return;
      await (resource.plural === 'namespaces'
        ? checkNamespace(request, object)
        : checkPod(request, object));
    },
  };
}

const enforcePolicy = 'enforce-policy';

function annotate({ annotate: note }: Request, key: string, value: string): void {
  note(`${labelPrefix}${key}`, value);
}

function refuseUnknown(namespace: string): never {
  throw internalError(`failed to lookup namespace "${namespace}"`);
}

function isFree(policy: Policy, isPod: boolean): boolean {
  if (isPod) return isFullyPrivileged(policy);
  return policy.audit.level === 'privileged' && policy.warn.level === 'privileged';
}

function listOf(errors: readonly FieldError[]): string {
  return joinErrors(errors.map(fieldErrorText));
}

function evaluate(request: Request, policy: Policy, pod: CheckedPod): void {
  const { resource, name } = request;
  const isPod = resource.plural === 'pods';
  if (isPod) annotate(request, enforcePolicy, textOf(policy.enforce));
  const noted = violationText(policy.audit, pod);
  if (noted !== undefined) annotate(request, 'audit-violations', `would violate ${noted}`);
  const refused = isPod ? violationText(policy.enforce, pod) : undefined;
  if (refused !== undefined) throw forbidden({ ...resource, name }, `violates ${refused}`);
  const warned = violationText(policy.warn, pod);
  if (warned !== undefined) request.warn(`would violate ${warned}`);
}

/** `PodSecurity "baseline:latest": host namespaces (hostNetwork=true)` */
function violationText(held: LevelVersion, pod: CheckedPod): string | undefined {
  const violations = violationsOf(held, pod);
  if (violations.length === 0) return undefined;
  return `PodSecurity "${textOf(held)}": ${detailsOf(violations)}`;
}
