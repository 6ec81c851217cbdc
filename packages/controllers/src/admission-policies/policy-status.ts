import { runInTurns } from '@fairway/host';
import { ValidatingAdmissionPolicy } from '@fairway/kinds/admissionregistration/v1';
import type { Controller } from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { writeStatus } from '../write-status.ts';
import type { TypeChecker } from './type-checker.ts';

/**
 * Checks expressions of policies with the types of what they are about, and says in their status what does not
 * fit. The expression language is loaded with the first policy. Source: kube-controller-manager,
 * validatingadmissionpolicy-status controller.
 */
export function policyStatus(parts: ControllerParts): Controller {
  const { client, resources } = parts;
  let checker: TypeChecker | undefined;
  return sharedController(parts, ValidatingAdmissionPolicy, {
    async reconcile({ object: policy, signal, reached }) {
      const { generation = 0 } = policy?.metadata ?? {};
      const { observedGeneration = 0 } = policy?.status ?? {};
      if (policy === undefined || generation <= observedGeneration) return;
      await resources.known();
      if (checker === undefined) {
        const { TypeChecker } = await import('./type-checker.ts');
        checker ??= new TypeChecker();
      }
      const expressionWarnings = await runInTurns(checker.check(policy, resources.all));
      const typeChecking = expressionWarnings.length === 0 ? {} : { expressionWarnings };
      const status = { ...policy.status, observedGeneration: generation, typeChecking };
      const writer = { client, signal, reached };
      await writeStatus(writer, ValidatingAdmissionPolicy, { object: policy, status });
    },
  });
}
