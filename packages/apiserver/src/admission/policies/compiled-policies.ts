import type { MatchResources, ParamKind } from '@fairway/kinds/admissionregistration/v1';
import type { RequestMatcher } from '../matching/request-matcher.ts';
import { ParameterKind } from './parameter-kind.ts';
import { scopeMatcher } from './policy-scope.ts';

interface AnyPolicy {
  readonly spec?: {
    readonly matchConstraints?: MatchResources;
    readonly paramKind?: ParamKind;
  };
}

interface AnyBinding {
  readonly spec?: { readonly matchResources?: MatchResources };
}

/** What is made of a policy once for its generation. */
export interface CompiledPolicy<Evaluator> {
  readonly matches: RequestMatcher;
  readonly parameters: ParameterKind;
  readonly evaluator: Evaluator;
}

/** What was made of policies and bindings, for as long as these are there. */
export class CompiledPolicies<Policy extends AnyPolicy, Evaluator> {
  readonly #compile: (policy: Policy) => Evaluator;
  readonly #compiled = new WeakMap<Policy, CompiledPolicy<Evaluator>>();
  readonly #matchers = new WeakMap<AnyBinding, RequestMatcher>();

  constructor(compile: (policy: Policy) => Evaluator) {
    this.#compile = compile;
  }

  of(policy: Policy): CompiledPolicy<Evaluator> {
    const known = this.#compiled.get(policy);
    if (known !== undefined) return known;
    const { matchConstraints, paramKind } = policy.spec ?? {};
    const compiled = {
      matches: scopeMatcher(matchConstraints),
      parameters: new ParameterKind(paramKind),
      evaluator: this.#compile(policy),
    };
    this.#compiled.set(policy, compiled);
    return compiled;
  }

  /** Undefined: the binding is for all that its policy is for. */
  matcherOf(binding: AnyBinding): RequestMatcher | undefined {
    if (binding.spec?.matchResources === undefined) return undefined;
    const known = this.#matchers.get(binding);
    if (known !== undefined) return known;
    const matcher = scopeMatcher(binding.spec.matchResources);
    this.#matchers.set(binding, matcher);
    return matcher;
  }
}
