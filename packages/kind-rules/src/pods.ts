/** What a pod is to those who count, place and run it. Loads nothing else of this package. */
export {
  isPodActive,
  isPodAvailable,
  isPodOver,
  isPodReady,
  isPodTerminating,
  podAvailableAtMs,
  podCondition,
  podNodeName,
} from './pods/pod-state.ts';
export {
  disruptionAllowed,
  isGuardedBy,
  withDisruptionAllowed,
  withDisruptionCondition,
} from './pods/disruption-budget.ts';
export {
  isMirrorPod,
  mirrorAnnotation,
  nodeSecretsOf,
  podReferenceInWords,
  podReferences,
} from './pods/pod-references.ts';
export { claimNameOf, ephemeralClaimName } from './pods/claim-names.ts';
export { type NewPodCondition, newPodCondition, withPodCondition } from './pods/pod-conditions.ts';
export {
  type ResourceAmounts,
  podLimits,
  podRequests,
  writtenAmounts,
} from './pods/pod-requests.ts';
export {
  type SelectableNode,
  matchesNodeAffinity,
  matchesNodeSelector,
  matchesNodeSelectorTerm,
} from './pods/node-affinity.ts';
export {
  appArmorOfContainer,
  seccompOfContainer,
  seccompOfPod,
} from './pods/profile-annotations.ts';
export { isExtendedResource } from './pods/resource-names.ts';
export { repellingEffects, tolerates, untoleratedTaint } from './pods/tolerations.ts';
export { type HostPort, anyAddress, hostPorts } from './pods/host-ports.ts';
export { type QosClass, qosClassOf } from './pods/qos-class.ts';
