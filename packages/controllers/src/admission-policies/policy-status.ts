import { runInTurns } from '@fairway/host';
import { ValidatingAdmissionPolicy } from '@fairway/kinds/admissionregistration/v1';
import { builtInDiscovery } from '@fairway/kinds/discovery';
import { type Controller, type ReconcileRequest, ToldKeys } from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { writeStatus } from '../write-status.ts';
import { namesOtherGroups } from './checked-kinds.ts';
import { servedSchemas } from './served-schemas.ts';
import type { TypeChecker } from './type-checker.ts';

/**
 * Checks expressions of policies with the types of what they are about, and says in their status what does not
 * fit. The expression language is loaded with the first policy. Source: kube-controller-manager,
 * validatingadmissionpolicy-status controller, which does not check again what it has checked: here policies about
 * kinds that somebody has defined are, whenever definitions have changed.
 */
export function policyStatus(parts: ControllerParts): Controller {
  const statuses = new PolicyStatuses(parts);
  const controller = sharedController(parts, ValidatingAdmissionPolicy, {
    sources: [statuses.again],
    reconcile: (request) => statuses.reconcile(request),
  });
  return {
    async run(options) {
      try {
        await controller.run(options);
      } finally {
        statuses.end();
      }
    },
  };
}

class PolicyStatuses {
  readonly #parts: ControllerParts;
  /** Policies that are to be checked again. */
  readonly again = new ToldKeys('definitions');
  /** The policies about kinds that somebody has defined, and after how many looks each was checked. */
  readonly #checkedAt = new Map<string, string>();
  #looks = 0;
  #forget: (() => void) | undefined;
  #builtInGroups: ReadonlySet<string> | undefined;
  #checker: TypeChecker | undefined;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
  }

  async reconcile(request: ReconcileRequest<ValidatingAdmissionPolicy>): Promise<void> {
    const { object: policy, key } = request;
    if (policy === undefined) {
      this.#checkedAt.delete(key);
      return;
    }
    const { generation = 0 } = policy.metadata ?? {};
    const { observedGeneration = 0 } = policy.status ?? {};
    if (this.#mayChange(policy)) {
      this.#follow();
      await this.#parts.resources.known();
      const now = `${policy.metadata?.uid} ${generation} ${this.#looks}`;
      if (this.#checkedAt.get(key) === now) return;
      this.#checkedAt.set(key, now);
    } else {
      this.#checkedAt.delete(key);
      if (generation <= observedGeneration) return;
    }
    try {
      await this.#check(request, policy);
    } catch (error) {
      this.#checkedAt.delete(key);
      throw error;
    }
  }

  end(): void {
    this.#forget?.();
  }

  /** Whether the types of the policy are not all known for good. */
  #mayChange(policy: Policy): boolean {
    this.#builtInGroups ??= new Set(builtInDiscovery().map(({ group }) => group));
    return namesOtherGroups(policy, this.#builtInGroups);
  }

  #follow(): void {
    this.#forget ??= this.#parts.resources.subscribe(() => {
      this.#looks += 1;
      for (const key of this.#checkedAt.keys()) this.again.tell(key);
    });
  }

  async #check(
    { signal, reached }: ReconcileRequest<ValidatingAdmissionPolicy>,
    policy: Policy,
  ): Promise<void> {
    const { client, resources } = this.#parts;
    await resources.known();
    if (this.#checker === undefined) {
      const { TypeChecker } = await import('./type-checker.ts');
      this.#checker ??= new TypeChecker();
    }
    const served = resources.all;
    const unknown = this.#checker.unknownKinds(policy, served);
    const lookup = await servedSchemas(this.#parts, unknown, signal);
    const expressionWarnings = await runInTurns(this.#checker.check(policy, served, lookup));
    const typeChecking = expressionWarnings.length === 0 ? {} : { expressionWarnings };
    const { generation = 0 } = policy.metadata ?? {};
    const status = { ...policy.status, observedGeneration: generation, typeChecking };
    const writer = { client, signal, reached };
    await writeStatus(writer, ValidatingAdmissionPolicy, { object: policy, status });
  }
}

type Policy = NonNullable<ReconcileRequest<ValidatingAdmissionPolicy>['object']>;
