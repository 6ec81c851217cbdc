import type { ServedResource } from '../../registry/served-resource.ts';

const exempt: ReadonlySet<string> = new Set([
  'mutatingwebhookconfigurations',
  'validatingwebhookconfigurations',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
]);

/**
 * Whether neither webhooks nor policies have a say: they could not be mended any more. The same for
 * every version. Source: Kubernetes documentation, "Dynamic Admission Control".
 */
export function isExemptConfiguration({ group, plural }: ServedResource): boolean {
  return group === 'admissionregistration.k8s.io' && exempt.has(plural);
}
