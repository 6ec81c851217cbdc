import type { NodeFacts } from '../node/node-facts.ts';
import { type AnyPod, podContainers } from '../pod-lifecycle/pod-containers.ts';
import { profileOf } from './security-profiles.ts';
import { forbiddenSysctl } from './pod-sysctls.ts';

/** Why a node never runs a pod: it fails at once, with this. */
export interface PodRefusal {
  readonly reason: string;
  readonly message: string;
}

/** What a pod asks for that this node does not have, whatever else it has room for; undefined: nothing. */
export function podRefusal(pod: AnyPod, node: NodeFacts): PodRefusal | undefined {
  const { os, hostUsers, securityContext } = pod.spec ?? {};
  if (os?.name !== undefined && os.name !== 'linux') {
    const message = "Failed to admit pod as the OS field doesn't match node OS";
    return { reason: 'PodOSNotSupported', message };
  }
  const sysctl = forbiddenSysctl(pod);
  if (sysctl !== undefined) return { reason: 'SysctlForbidden', message: sysctl };
  if (!node.hasAppArmor && needsAppArmor(pod)) {
    const message = 'Cannot enforce AppArmor: AppArmor is not enabled on the host';
    return { reason: 'AppArmor', message };
  }
  if (securityContext?.supplementalGroupsPolicy === 'Strict') {
    const message = 'SupplementalGroupsPolicy=Strict is not supported in this node';
    return { reason: 'SupplementalGroupsPolicyNotSupported', message };
  }
  if (hostUsers === false) {
    const message =
      'this node has no user namespaces for pods (hostUsers: false); leave hostUsers out';
    return { reason: 'PodFeatureUnsupported', message };
  }
  return undefined;
}

function needsAppArmor(pod: AnyPod): boolean {
  const ofPod = pod.spec?.securityContext?.appArmorProfile;
  return [ofPod, ...podContainers(pod).map(({ spec }) => spec.securityContext?.appArmorProfile)]
    .map(profileOf)
    .some((profile) => profile !== undefined && profile.kind !== 'unconfined');
}
