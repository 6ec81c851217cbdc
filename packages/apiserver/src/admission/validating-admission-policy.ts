import type { AdmissionPlugin } from './admission-plugin.ts';
import type { AdmissionRegistrations } from './admission-registrations.ts';
import { isExemptFromPolicies } from './matching/exempt-configurations.ts';
import type { PolicyParts } from './policies/policy-parts.ts';
import type { PolicyValidator } from './policies/validate-by-policies.ts';

/**
 * Refuses what policies of the cluster are against. The expression language is loaded with the first
 * policy that is bound. Source: Kubernetes documentation, "Validating Admission Policy"; KEP-3488.
 */
export function validatingAdmissionPolicy(
  registrations: AdmissionRegistrations,
  parts: PolicyParts,
): AdmissionPlugin {
  let validator: PolicyValidator | undefined;
  const validate = async (
    ...[bound, request]: Parameters<PolicyValidator['validate']>
  ): Promise<void> => {
    if (validator === undefined) {
      const { PolicyValidator } = await import('./policies/validate-by-policies.ts');
      validator ??= new PolicyValidator(parts);
    }
    await validator.validate(bound, request);
  };
  return {
    name: 'ValidatingAdmissionPolicy',
    operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
    validate(request) {
      const { bound } = registrations.index.validatingPolicies;
      if (bound.length === 0 || isExemptFromPolicies(request.resource)) return undefined;
      return validate(bound, request);
    },
  };
}
