import type { Node } from '@fairway/kinds/core/v1';

/**
 * The labels that a node would change and may not, sorted: with those of Kubernetes it would say where it
 * stands or draw pods to itself. A kubelet may set the ones that it knows about its machine.
 *
 * Source: Kubernetes admission, NodeRestriction; well-known labels.
 */
export function forbiddenNodeLabels(node: Node, stored: Node | undefined): readonly string[] {
  const labels = node.metadata?.labels ?? {};
  const before = stored?.metadata?.labels ?? {};
  const keys = new Set([...Object.keys(labels), ...Object.keys(before)]);
  return [...keys].filter((key) => labels[key] !== before[key] && isForbidden(key)).sort();
}

function isForbidden(key: string): boolean {
  const slash = key.indexOf('/');
  const domain = slash === -1 ? '' : key.slice(0, slash);
  if (isWithin(domain, 'node-restriction.kubernetes.io')) return true;
  const isOfKubernetes = isWithin(domain, 'kubernetes.io') || isWithin(domain, 'k8s.io');
  return (
    isOfKubernetes && !ofKubelets.has(key) && !kubeletDomains.some((each) => isWithin(domain, each))
  );
}

function isWithin(domain: string, parent: string): boolean {
  return domain === parent || domain.endsWith(`.${parent}`);
}

const kubeletDomains = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

const ofKubelets: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/instance-type',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
]);
