import { checkDnsLabel, checkDnsSubdomain } from '@fairway/protocol';
import { type Library, declare, member } from '../../declarations.ts';
import { type Type, boolType, opaqueType, stringType, typeType } from '../../type.ts';
import { Failure, OpaqueValue, type Result, TypeValue, type Value } from '../../values/value.ts';

/** What an expression asks whether it is allowed. Texts that were not given are empty. */
export interface AuthorizationCheck {
  /** As whom; undefined: as the user of the request. */
  readonly serviceAccount: { readonly namespace: string; readonly name: string } | undefined;
  readonly verb: string;
  /** Of a path: `/healthz`. Everything else is empty then. */
  readonly path: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly fieldSelector: string;
  readonly labelSelector: string;
}

/** The answer. `error` is empty unless the authorizer failed. */
export interface AuthorizationDecision {
  readonly isAllowed: boolean;
  readonly reason: string;
  readonly error: string;
}

/** Whoever evaluates an expression decides what its user may; while it runs, nothing is waited for. */
export type DecideCheck = (check: AuthorizationCheck) => AuthorizationDecision | Failure;

type CheckKind = 'Authorizer' | 'PathCheck' | 'GroupCheck' | 'ResourceCheck';

const nothing: AuthorizationCheck = {
  serviceAccount: undefined,
  verb: '',
  path: '',
  group: '',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
  fieldSelector: '',
  labelSelector: '',
};

/** A check that an expression is about to put together, as far as it has come. */
export class CheckValue extends OpaqueValue {
  readonly #kind: CheckKind;
  readonly #decide: DecideCheck;
  readonly check: AuthorizationCheck;

  constructor(kind: CheckKind, decide: DecideCheck, check: AuthorizationCheck) {
    super();
    this.#kind = kind;
    this.#decide = decide;
    this.check = check;
  }

  get typeName(): string {
    return nameOf(this.#kind);
  }

  equals(other: Value): boolean {
    return (
      other instanceof CheckValue &&
      other.typeName === this.typeName &&
      JSON.stringify(other.check) === JSON.stringify(this.check)
    );
  }

  /** The same check with more said. */
  with(parts: Partial<AuthorizationCheck>, kind: CheckKind = this.#kind): CheckValue {
    return new CheckValue(kind, this.#decide, { ...this.check, ...parts });
  }

  decide(verb: string): Result {
    const decision = this.#decide({ ...this.check, verb });
    return decision instanceof Failure ? decision : new DecisionValue(decision);
  }
}

class DecisionValue extends OpaqueValue {
  readonly decision: AuthorizationDecision;

  constructor(decision: AuthorizationDecision) {
    super();
    this.decision = decision;
  }

  get typeName(): string {
    return nameOf('Decision');
  }

  equals(other: Value): boolean {
    return other instanceof DecisionValue && other.decision === this.decision;
  }
}

function nameOf(kind: CheckKind | 'Decision'): string {
  return `kubernetes.authorization.${kind}`;
}

export const authorizerType: Type = opaqueType(nameOf('Authorizer'));
export const resourceCheckType: Type = opaqueType(nameOf('ResourceCheck'));
const pathCheckType = opaqueType(nameOf('PathCheck'));
const groupCheckType = opaqueType(nameOf('GroupCheck'));
const decisionType = opaqueType(nameOf('Decision'));

/** The value of `authorizer`. */
export function authorizerValue(decide: DecideCheck): Value {
  return new CheckValue('Authorizer', decide, nothing);
}

/** The value of `authorizer.requestResource`: a check of what the request itself is aimed at. */
export function requestResourceValue(
  decide: DecideCheck,
  resource: Partial<AuthorizationCheck>,
): Value {
  return new CheckValue('ResourceCheck', decide, { ...nothing, ...resource });
}

function path(authorizer: CheckValue, text: string): Result {
  if (text.trim() === '') return new Failure('path must not be empty');
  return authorizer.with({ path: text }, 'PathCheck');
}

function group(authorizer: CheckValue, text: string): Result {
  return authorizer.with({ group: text }, 'GroupCheck');
}

function resource(groupCheck: CheckValue, text: string): Result {
  if (text.trim() === '') return new Failure('resource must not be empty');
  return groupCheck.with({ resource: text }, 'ResourceCheck');
}

function serviceAccount(authorizer: CheckValue, namespace: string, name: string): Result {
  if (checkDnsSubdomain(name) !== undefined) return new Failure('Invalid service account name');
  if (checkDnsLabel(namespace) !== undefined) {
    return new Failure('Invalid service account namespace');
  }
  return authorizer.with({ serviceAccount: { namespace, name } });
}

const checkVerb = (check: CheckValue, verb: string): Result => check.decide(verb);

/** The parts of a check of a resource, and the overload that each is said with. */
const parts = {
  subresource: 'resourcecheck_subresource',
  namespace: 'resourcecheck_namespace',
  name: 'resourcecheck_name',
  fieldSelector: 'authorizer_fieldselector',
  labelSelector: 'authorizer_labelselector',
} as const;

const ofDecision = {
  allowed: [boolType, ({ decision }: DecisionValue) => decision.isAllowed],
  reason: [stringType, ({ decision }: DecisionValue) => decision.reason],
  error: [stringType, ({ decision }: DecisionValue) => decision.error],
  errored: [boolType, ({ decision }: DecisionValue) => decision.error !== ''],
} as const;

/**
 * Questions to the authorizer. The functions are declared everywhere; the variable `authorizer` only
 * where somebody answers. Source: Kubernetes, cel/library/authz.go.
 */
export const authorizerLibrary: Library = {
  functions: [
    declare('path', member('authorizer_path', [authorizerType, stringType], pathCheckType, path)),
    declare(
      'group',
      member('authorizer_group', [authorizerType, stringType], groupCheckType, group),
    ),
    declare(
      'serviceAccount',
      member(
        'authorizer_serviceaccount',
        [authorizerType, stringType, stringType],
        authorizerType,
        serviceAccount,
      ),
    ),
    declare(
      'resource',
      member('groupcheck_resource', [groupCheckType, stringType], resourceCheckType, resource),
    ),
    ...Object.entries(parts).map(([name, id]) =>
      declare(
        name,
        member(
          id,
          [resourceCheckType, stringType],
          resourceCheckType,
          (check: CheckValue, text: string) => check.with({ [name]: text }),
        ),
      ),
    ),
    declare(
      'check',
      member('pathcheck_check', [pathCheckType, stringType], decisionType, checkVerb),
      member('resourcecheck_check', [resourceCheckType, stringType], decisionType, checkVerb),
    ),
    ...Object.entries(ofDecision).map(([name, [type, read]]) =>
      declare(name, member(`decision_${name}`, [decisionType], type, read)),
    ),
  ],
  types: [authorizerType, pathCheckType, groupCheckType, resourceCheckType, decisionType].map(
    (type) => ({ name: type.name, type: typeType(type), value: new TypeValue(type.name) }),
  ),
};
