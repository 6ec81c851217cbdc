import { AdmissionEnvironments } from '@fairway/cel';
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
} from '@fairway/kinds/admissionregistration/v1';
import type { BuiltInSchemas } from '@fairway/kinds/schema';
import {
  ApiError,
  type JsonValue,
  type KubernetesObject,
  equalsJson,
  failureOf,
  forbidden,
} from '@fairway/protocol';
import type { ServedResource } from '../../registry/served-resource.ts';
import type { AdmitRequest } from '../admission-plugin.ts';
import { inVersionOf } from '../matching/in-version-of.ts';
import type { MatchedRequest } from '../matching/request-matcher.ts';
import { putInPlace } from '../mutation/put-in-place.ts';
import { type Reinvocable, Reinvocations } from '../mutation/reinvocations.ts';
import { CompiledPolicies } from './compiled-policies.ts';
import { ConfigurationError, findParameters } from './find-parameters.ts';
import { MutatingEvaluator } from './mutating-evaluator.ts';
import type { BoundPolicy } from './policy-index.ts';
import type { PolicyParts } from './policy-parts.ts';
import { PolicyRequest } from './policy-request.ts';

const pluginName = 'MutatingAdmissionPolicy';

type Policy = MutatingAdmissionPolicy;
type Binding = MutatingAdmissionPolicyBinding;

/** One policy by one binding with one set of parameters, for one request. */
interface Invocation extends Reinvocable {
  readonly policy: Policy;
  readonly binding: Binding;
  readonly params: KubernetesObject | undefined;
  readonly evaluator: MutatingEvaluator;
  readonly seenAs: ServedResource;
}

/**
 * Has mutating policies change what is to be stored. Source: Kubernetes,
 * admission/plugin/policy/generic/policy_dispatcher.go and mutating/dispatcher.go.
 */
export class PolicyMutator {
  readonly #parts: PolicyParts & { readonly schemas: BuiltInSchemas };
  readonly #compiled: CompiledPolicies<Policy, MutatingEvaluator>;

  constructor(parts: PolicyParts & { readonly schemas: BuiltInSchemas }) {
    this.#parts = parts;
    const environments = new AdmissionEnvironments();
    this.#compiled = new CompiledPolicies((policy) => new MutatingEvaluator(policy, environments));
  }

  /** Errors: the `ApiError` of the policies that cannot be applied and fail then. */
  async mutate(
    policies: readonly BoundPolicy<Policy, Binding>[],
    request: AdmitRequest<KubernetesObject>,
  ): Promise<void> {
    const { draft, rounds } = request;
    const refusals = new Refusals(request);
    const asked: MatchedRequest = {
      ...request,
      ...(draft && { object: draft as KubernetesObject }),
    };
    const invocations: Invocation[] = [];
    for (const bound of policies) invocations.push(...(await this.#invoke(bound, asked, refusals)));
    const shared = new PolicyRequest(request, this.#parts);
    const reinvocations = rounds.memoryOf(pluginName, () => new Reinvocations());
    if (rounds.number > 0) reinvocations.beginAgain(draft);
    for (const invocation of invocations) {
      await this.#apply(invocation, { request, shared, refusals, reinvocations });
    }
    const isAnyReinvoked = invocations.some((each) => each.reinvocationPolicy === 'IfNeeded');
    if (isAnyReinvoked) reinvocations.noteOutcome(draft);
    refusals.refuse();
  }

  /** All that is to be done by a policy, as the request came. */
  async #invoke(
    { policy, bindings }: BoundPolicy<Policy, Binding>,
    request: MatchedRequest,
    refusals: Refusals,
  ): Promise<readonly Invocation[]> {
    const { matches, parameters, evaluator } = this.#compiled.of(policy);
    const seenAs = await matches(request, this.#parts);
    if (seenAs === undefined) return [];
    let resource: ServedResource | undefined;
    try {
      resource = parameters.resourceIn(this.#parts.registry);
    } catch (error) {
      refusals.misconfigured(error, { policy });
      return [];
    }
    const invocations: Invocation[] = [];
    for (const binding of bindings) {
      const isFor = this.#compiled.matcherOf(binding);
      if (isFor !== undefined && (await isFor(request, this.#parts)) === undefined) continue;
      try {
        const { paramRef } = binding.spec ?? {};
        const { namespace } = request;
        const found = await findParameters(resource, { paramRef, namespace }, this.#parts);
        for (const params of found) {
          const { reinvocationPolicy } = policy.spec ?? {};
          const id = idOf(policy, binding, params);
          invocations.push({ id, reinvocationPolicy, policy, binding, params, evaluator, seenAs });
        }
      } catch (error) {
        refusals.misconfigured(error, { policy, binding });
      }
    }
    return invocations;
  }

  async #apply(
    invocation: Invocation,
    { request, shared, refusals, reinvocations }: Application,
  ): Promise<void> {
    const { policy, binding, params, evaluator, seenAs } = invocation;
    const { draft, resource, rounds } = request;
    const namespace = await shared.namespaceObject();
    let view;
    try {
      view = await shared.viewOf(draft, seenAs);
    } catch (error) {
      refusals.misconfigured(error, { policy });
      return;
    }
    const input = { view, shared, namespace, params };
    const matching = await evaluator.match(input);
    if (matching.kind === 'failed') refusals.failed(matching.why, { policy, binding });
    const { object } = view;
    if (matching.kind !== 'matched' || draft === undefined || object === undefined) return;
    if (rounds.number > 0 && !reinvocations.isDue(invocation)) return;
    const schema = this.#schemaOf(object, seenAs);
    if (schema === undefined) return;
    const mutated = { object, resource: seenAs, schema };
    const outcome = await evaluator.mutate(input, mutated);
    for (const problem of outcome.problems) refusals.failed(problem, { policy, binding });
    if (!equalsJson(outcome.object as JsonValue, object as JsonValue)) {
      putInPlace(draft, await inVersionOf(outcome.object, { from: seenAs, to: resource }));
      reinvocations.noteChange();
      rounds.requireAnother();
    }
    reinvocations.noteAsked(invocation);
  }

  /** Of what a subresource speaks, its own. */
  #schemaOf({ apiVersion = '', kind = '' }: KubernetesObject, seenAs: ServedResource) {
    return kind === seenAs.kind ? seenAs.schema : this.#parts.schemas.lookup(apiVersion, kind);
  }
}

function idOf(...objects: readonly (KubernetesObject | undefined)[]): string {
  const names = objects.map((each) => [each?.metadata?.namespace, each?.metadata?.name]);
  return JSON.stringify(names);
}

interface Application {
  readonly request: AdmitRequest<KubernetesObject>;
  readonly shared: PolicyRequest;
  readonly refusals: Refusals;
  readonly reinvocations: Reinvocations;
}

interface Source {
  readonly policy: Policy;
  readonly binding?: Binding;
}

/** Why policies that fail then could not be applied to one request. */
class Refusals {
  readonly #request: AdmitRequest<KubernetesObject>;
  readonly #told: { readonly message: string; readonly reason: string }[] = [];

  constructor(request: AdmitRequest<KubernetesObject>) {
    this.#request = request;
  }

  misconfigured(error: unknown, source: Source): void {
    if (!(error instanceof ConfigurationError)) throw error;
    const part = source.binding === undefined ? 'policy' : 'binding';
    this.#tell(`failed to configure ${part}: ${error.message}`, 'Forbidden', source);
  }

  failed(why: string, source: Source): void {
    this.#tell(why, 'Invalid', source);
  }

  /** The code is that of the first whatever its reason, as in Kubernetes. */
  refuse(): void {
    const [first] = this.#told;
    if (first === undefined) return;
    const { resource, name } = this.#request;
    const { status } = forbidden({ ...resource, name }, '');
    const causes = this.#told.map(({ message }) => ({ message }));
    throw new ApiError(
      failureOf({ ...status, ...first, details: { ...status.details, causes } }, 403),
    );
  }

  #tell(why: string, reason: string, { policy, binding }: Source): void {
    if (policy.spec?.failurePolicy === 'Ignore') return;
    const name = policy.metadata?.name ?? '';
    const who =
      binding === undefined
        ? `policy ${JSON.stringify(name)}`
        : `policy '${name}' with binding '${binding.metadata?.name}'`;
    this.#told.push({ message: `${who} denied request: ${why}`, reason });
  }
}
