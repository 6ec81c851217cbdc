import type { AdmissionPlugin } from './admission-plugin.ts';
import { isExemptFromPolicies } from './matching/exempt-configurations.ts';
import type { AdmissionPolicies } from './policies/admission-policies.ts';
import type { PolicyParts } from './policies/policy-parts.ts';
import type { PolicyValidator } from './policies/validate-by-policies.ts';

/**
 * Refuses what policies of the cluster are against. The expression language is loaded with the first
 * policy that is bound. Source: Kubernetes documentation, "Validating Admission Policy"; KEP-3488.
 */
export function validatingAdmissionPolicy(
  policies: AdmissionPolicies,
  parts: PolicyParts,
): AdmissionPlugin {
  let validator: PolicyValidator | undefined;
  return {
    name: 'ValidatingAdmissionPolicy',
    operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
    async validate(request) {
      const { bound } = policies.index.validating;
      if (bound.length === 0 || isExemptFromPolicies(request.resource)) return;
      if (validator === undefined) {
        const { PolicyValidator } = await import('./policies/validate-by-policies.ts');
        validator ??= new PolicyValidator(parts);
      }
      await validator.validate(bound, request);
    },
  };
}
