import type { BuiltInSchemas } from '@fairway/kinds/schema';
import type { AdmissionPlugin } from './admission-plugin.ts';
import type { AdmissionRegistrations } from './admission-registrations.ts';
import { isExemptFromPolicies } from './matching/exempt-configurations.ts';
import type { PolicyMutator } from './policies/mutate-by-policies.ts';
import type { PolicyParts } from './policies/policy-parts.ts';

/**
 * Changes what is to be stored as policies of the cluster say. The expression language is loaded with the
 * first policy that is bound. Source: Kubernetes documentation, "Mutating Admission Policy"; KEP-3962.
 */
export function mutatingAdmissionPolicy(
  registrations: AdmissionRegistrations,
  parts: PolicyParts & { readonly schemas: BuiltInSchemas },
): AdmissionPlugin {
  let mutator: PolicyMutator | undefined;
  const mutate = async (
    ...[bound, request]: Parameters<PolicyMutator['mutate']>
  ): Promise<void> => {
    if (mutator === undefined) {
      const { PolicyMutator } = await import('./policies/mutate-by-policies.ts');
      mutator ??= new PolicyMutator(parts);
    }
    await mutator.mutate(bound, request);
  };
  return {
    name: 'MutatingAdmissionPolicy',
    operations: ['CREATE', 'UPDATE', 'CONNECT'],
    admit(request) {
      const { bound } = registrations.index.mutatingPolicies;
      if (bound.length === 0 || isExemptFromPolicies(request.resource)) return undefined;
      return mutate(bound, request);
    },
  };
}
