import type { ServedResource } from '../../registry/served-resource.ts';

const policies: ReadonlySet<string> = new Set([
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
]);

const webhooks: ReadonlySet<string> = new Set([
  'mutatingwebhookconfigurations',
  'validatingwebhookconfigurations',
]);

/**
 * Whether no policy has a say, since it could not be mended any more. Configurations of webhooks are not
 * among them. The same for every version. Source: Kubernetes, admission/plugin/policy/generic/plugin.go.
 */
export function isExemptFromPolicies({ group, plural }: ServedResource): boolean {
  return group === 'admissionregistration.k8s.io' && policies.has(plural);
}

/**
 * Whether no webhook has a say, since it could not be mended any more: policies, and what webhooks are configured
 * by. The same for every version. Source: Kubernetes documentation, "Dynamic Admission Control".
 */
export function isExemptFromWebhooks(resource: ServedResource): boolean {
  const { group, plural } = resource;
  const isConfiguration = group === 'admissionregistration.k8s.io' && webhooks.has(plural);
  return isConfiguration || isExemptFromPolicies(resource);
}
