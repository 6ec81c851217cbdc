import {
  AdmissionEnvironments,
  type Environment,
  type Type,
  schemaType,
  variableType,
} from '@fairway/cel';
import type {
  ExpressionWarning,
  ValidatingAdmissionPolicy,
} from '@fairway/kinds/admissionregistration/v1';
import { builtInSchemas } from '@fairway/kinds/schema';
import { type DeepReadonly, type Schema, apiVersionOf } from '@fairway/protocol';
import { type CheckedKind, type ServedKind, checkedKinds } from './checked-kinds.ts';

type Policy = DeepReadonly<ValidatingAdmissionPolicy>;

/** Tells what in the expressions of policies does not fit the kinds that they are about. */
export class TypeChecker {
  readonly #environments = new AdmissionEnvironments();
  readonly #schemas = builtInSchemas();

  /**
   * A warning for each expression that does not fit some of the kinds, in the words of Kubernetes. Source:
   * Kubernetes, admission/plugin/policy/validating/typechecking.go.
   */
  *check(
    policy: Policy,
    served: readonly ServedKind[],
  ): Generator<undefined, readonly ExpressionWarning[], undefined> {
    const { paramKind, validations = [] } = policy.spec ?? {};
    const paramsType = paramKind && this.#typeOf(paramKind.apiVersion ?? '', paramKind.kind ?? '');
    const scopes: CheckedScope[] = [];
    for (const kind of checkedKinds(policy, served)) {
      const objectType = this.#typeOf(apiVersionOf(kind), kind.kind);
      yield;
      if (objectType === undefined) continue;
      const environment = this.#environment(policy, objectType, paramsType);
      scopes.push({ kind, environment });
      yield;
    }
    const warnings: ExpressionWarning[] = [];
    for (const [index, { expression, messageExpression = '' }] of validations.entries()) {
      const place = `spec.validations[${index}]`;
      for (const [name, text] of Object.entries({ expression, messageExpression })) {
        const warning = text === '' ? '' : problemsOf(text, scopes);
        if (warning !== '') warnings.push({ fieldRef: `${place}.${name}`, warning });
        yield;
      }
    }
    return warnings;
  }

  #environment(policy: Policy, objectType: Type, paramsType: Type | undefined): Environment {
    const { variables = [] } = policy.spec ?? {};
    const scope = {
      hasParams: paramsType !== undefined,
      hasAuthorizer: true,
      hasPatchTypes: false,
      objectType,
      ...(paramsType && { paramsType }),
    };
    const types = new Map<string, Type>();
    for (const { name, expression } of variables) {
      const environment = this.#environments.of({ ...scope, variables: new Map(types) });
      const compiled = environment.compile(expression);
      const type = compiled.kind === 'compiled' ? compiled.program.type : undefined;
      types.set(name, variableType(type));
    }
    return this.#environments.of({
      ...scope,
      variables: variables.length === 0 ? undefined : types,
    });
  }

  /** Undefined for a kind of which nothing is known. */
  #typeOf(apiVersion: string, kind: string): Type | undefined {
    const schema = this.#schemas.lookup(apiVersion, kind);
    if (schema === undefined || isRecursive(schema)) return undefined;
    return schemaType(schema, kind)?.type;
  }
}

interface CheckedScope {
  readonly kind: CheckedKind;
  readonly environment: Environment;
}

function problemsOf(text: string, scopes: readonly CheckedScope[]): string {
  const told = scopes.flatMap(({ kind, environment }) => {
    const compiled = environment.compile(text);
    if (compiled.kind === 'compiled') return [];
    const named = `${apiVersionOf(kind)}, Kind=${kind.kind}`;
    return [`${named}: ${compiled.problem}\n`];
  });
  return told.join('\n');
}

/** A schema within itself has no type that ends, and Kubernetes passes it over too. */
function isRecursive(
  schema: Schema,
  above: readonly Schema[] = [],
  finite: Set<Schema> = new Set(),
): boolean {
  if (above.includes(schema)) return true;
  if (finite.has(schema)) return false;
  const { properties, items, additionalProperties } = schema;
  const below = [...(properties?.values() ?? []), items, additionalProperties];
  const path = [...above, schema];
  if (below.some((each) => each !== undefined && isRecursive(each, path, finite))) return true;
  finite.add(schema);
  return false;
}
