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
import { type CheckedKind, type ServedKind, checkedKinds, parameterKind } from './checked-kinds.ts';
import type { SchemaLookup } from './served-schemas.ts';

/** A schema that refers to others stands for as many parts as these have all together, each time it does. */
const schemaPartsMax = 100_000;

type Policy = DeepReadonly<ValidatingAdmissionPolicy>;

/** Tells what in the expressions of policies does not fit the kinds that they are about. */
export class TypeChecker {
  readonly #environments = new AdmissionEnvironments();
  readonly #schemas = builtInSchemas();

  /** Of the kinds of which a policy has expressions, those that the API has to be asked about. */
  unknownKinds(policy: Policy, served: readonly ServedKind[]): readonly CheckedKind[] {
    const parameters = parameterKind(policy);
    const all = [...checkedKinds(policy, served), ...(parameters ? [parameters] : [])];
    return all.filter((kind) => this.#builtIn(kind) === undefined);
  }

  /**
   * A warning for each expression that does not fit some of the kinds, in the words of Kubernetes. Source:
   * Kubernetes, admission/plugin/policy/validating/typechecking.go.
   */
  *check(
    policy: Policy,
    served: readonly ServedKind[],
    lookup: SchemaLookup,
  ): Generator<undefined, readonly ExpressionWarning[], undefined> {
    const { validations = [] } = policy.spec ?? {};
    const paramKind = parameterKind(policy);
    const paramsType = paramKind && this.#typeOf(paramKind, lookup);
    const scopes: CheckedScope[] = [];
    for (const kind of checkedKinds(policy, served)) {
      const objectType = this.#typeOf(kind, lookup);
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
  #typeOf(kind: CheckedKind, lookup: SchemaLookup): Type | undefined {
    const schema = this.#builtIn(kind) ?? lookup(kind);
    if (schema === undefined || partsOf(schema, new Map()) > schemaPartsMax) return undefined;
    return schemaType(schema, kind.kind)?.type;
  }

  #builtIn(kind: CheckedKind): Schema | undefined {
    return this.#schemas.lookup(apiVersionOf(kind), kind.kind);
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

/**
 * How many schemas a schema is made of, with those that it refers to each time that it does; without end for one
 * within itself. Such a one has no type that ends, and Kubernetes passes it over too.
 */
function partsOf(schema: Schema, known: Map<Schema, number>): number {
  const counted = known.get(schema);
  if (counted !== undefined) return counted;
  known.set(schema, Infinity);
  const { properties, items, additionalProperties } = schema;
  const below = [...(properties?.values() ?? []), items, additionalProperties];
  let parts = 1;
  for (const each of below) if (each !== undefined) parts += partsOf(each, known);
  known.set(schema, parts);
  return parts;
}
