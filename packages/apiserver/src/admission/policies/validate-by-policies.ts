import { AdmissionEnvironments } from '@fairway/cel';
import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '@fairway/kinds/admissionregistration/v1';
import {
  ApiError,
  type KubernetesObject,
  failureOf,
  forbidden,
  stringifyJson,
} from '@fairway/protocol';
import type { ServedResource } from '../../registry/served-resource.ts';
import type { ValidateRequest } from '../admission-plugin.ts';
import { type CompiledPolicy, CompiledPolicies } from './compiled-policies.ts';
import { ConfigurationError, findParameters } from './find-parameters.ts';
import type { BoundPolicy } from './policy-index.ts';
import type { PolicyParts } from './policy-parts.ts';
import { PolicyRequest, type RequestView } from './policy-request.ts';
import { type Denial, type PolicyVerdict, ValidatingEvaluator } from './validating-evaluator.ts';

type Policy = ValidatingAdmissionPolicy;
type Binding = ValidatingAdmissionPolicyBinding;

/**
 * Asks validating policies about requests. Source: Kubernetes,
 * admission/plugin/policy/validating/dispatcher.go.
 */
export class PolicyValidator {
  readonly #parts: PolicyParts;
  readonly #compiled: CompiledPolicies<Policy, ValidatingEvaluator>;

  constructor(parts: PolicyParts) {
    this.#parts = parts;
    const environments = new AdmissionEnvironments();
    this.#compiled = new CompiledPolicies(
      (policy) => new ValidatingEvaluator(policy, environments),
    );
  }

  /** Errors: the `ApiError` of the first policy that is against the request. */
  async validate(
    policies: readonly BoundPolicy<Policy, Binding>[],
    request: ValidateRequest<KubernetesObject>,
  ): Promise<void> {
    const outcome = new Outcome(request);
    const shared = new PolicyRequest(request, this.#parts);
    for (const bound of policies) {
      const compiled = this.#compiled.of(bound.policy);
      const seenAs = await compiled.matches(request, this.#parts);
      if (seenAs === undefined) continue;
      await this.#ask({ ...bound, compiled, seenAs, shared, request, outcome });
      outcome.publish(bound.policy);
    }
    outcome.refuse();
  }

  async #ask(asked: AskedPolicy): Promise<void> {
    const { policy, bindings, compiled, seenAs, shared, request, outcome } = asked;
    let parameters: ServedResource | undefined;
    let view: RequestView;
    try {
      parameters = compiled.parameters.resourceIn(this.#parts.registry);
      const seen = shared.viewOf(request.object, seenAs);
      view = seen instanceof Promise ? await seen : seen;
    } catch (error) {
      outcome.misconfigured(error, { policy });
      return;
    }
    for (const binding of bindings) {
      const matches = this.#compiled.matcherOf(binding);
      if (matches !== undefined && (await matches(request, this.#parts)) === undefined) continue;
      try {
        const { paramRef } = binding.spec;
        const { namespace } = request;
        const found =
          parameters === undefined
            ? withoutParameters
            : await findParameters(parameters, { paramRef, namespace }, this.#parts);
        const { evaluator } = compiled;
        const place = evaluator.usesNamespace ? await shared.namespaceObject() : null;
        for (const params of found) {
          const verdict = await evaluator.evaluate({ view, shared, namespace: place, params });
          outcome.note(verdict, { policy, binding });
        }
      } catch (error) {
        outcome.misconfigured(error, { policy, binding });
      }
    }
  }
}

interface AskedPolicy extends BoundPolicy<Policy, Binding> {
  readonly compiled: CompiledPolicy<ValidatingEvaluator>;
  readonly seenAs: ServedResource;
  readonly shared: PolicyRequest;
  readonly request: ValidateRequest<KubernetesObject>;
  readonly outcome: Outcome;
}

interface Source {
  readonly policy: Policy;
  readonly binding?: Binding;
}

const withoutParameters = [undefined];

const failureKey = 'validation.policy.admission.k8s.io/validation_failure';

/** What policies have said about one request until now. */
class Outcome {
  readonly #request: ValidateRequest<KubernetesObject>;
  /** The first one is what the caller is told. */
  #refusal: { readonly message: string; readonly reason: string } | undefined;
  #annotations = new Map<string, Set<string>>();
  #isFailureNoted = false;

  constructor(request: ValidateRequest<KubernetesObject>) {
    this.#request = request;
  }

  note({ denials, annotations, annotationErrors }: PolicyVerdict, source: Required<Source>): void {
    for (const denial of denials) {
      for (const action of source.binding.spec.validationActions ?? []) {
        if (action === 'Deny') this.#deny(denial, source);
        else if (action === 'Audit') this.#audit(denial, source);
        else this.#warn(denial, source);
      }
    }
    for (const { key, value } of annotations) {
      const values = this.#annotations.get(key);
      if (values === undefined) this.#annotations.set(key, new Set([value]));
      else values.add(value);
    }
    for (const message of annotationErrors) this.#deny({ message, reason: 'Invalid' }, source);
  }

  /** Whatever the binding wants, the failure policy decides. */
  misconfigured(error: unknown, source: Source): void {
    if (!(error instanceof ConfigurationError)) throw error;
    if (source.policy.spec?.failurePolicy === 'Ignore') return;
    const part = source.binding === undefined ? 'policy' : 'binding';
    const message = `failed to configure ${part}: ${error.message}`;
    this.#deny({ message, reason: 'Invalid' }, source);
  }

  /** Tells the audit log what the expressions of a policy came to. */
  publish({ metadata }: Policy): void {
    for (const [key, values] of this.#annotations) {
      this.#request.annotate(`${metadata?.name}/${key}`, [...values].join(', '));
    }
    this.#annotations = new Map();
  }

  refuse(): void {
    if (this.#refusal === undefined) return;
    const { message, reason } = this.#refusal;
    const { resource, name } = this.#request;
    const { status } = forbidden({ ...resource, name }, message);
    const details = { ...status.details, causes: [{ message }] };
    throw new ApiError(failureOf({ ...status, reason, details, code: codeOf(reason) }, 422));
  }

  #deny({ message, reason }: Pick<Denial, 'message' | 'reason'>, source: Source): void {
    this.#refusal ??= { message: `${nameOf(source)} denied request: ${message}`, reason };
  }

  #warn({ message }: Denial, source: Source): void {
    this.#request.warn(`Validation failed for ${nameOf(source)}: ${message}`);
  }

  /** What was noted first stays. */
  #audit({ index, message }: Denial, { binding }: Required<Source>): void {
    if (this.#isFailureNoted) return;
    this.#isFailureNoted = true;
    const { policyName: policy, validationActions } = binding.spec;
    const failure = {
      message,
      policy,
      binding: binding.metadata?.name,
      expressionIndex: index,
      validationActions,
    };
    this.#request.annotate(failureKey, stringifyJson([failure]));
  }
}

function nameOf({ policy, binding }: Source): string {
  const name = `ValidatingAdmissionPolicy '${policy.metadata?.name}'`;
  return binding === undefined ? name : `${name} with binding '${binding.metadata?.name}'`;
}

function codeOf(reason: string): number {
  if (reason === 'Forbidden') return 403;
  return reason === 'RequestEntityTooLarge' ? 413 : 422;
}
