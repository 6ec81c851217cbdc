import {
  type FieldError,
  type ObjectMeta,
  type RequestTarget,
  type UserInfo,
  badRequest,
  invalid,
  invalidValue,
} from '@fairway/protocol';
import type { AuthorizationMode } from '../authorization/authorization-mode.ts';
import { type Authorizer, joinErrors } from '../authorization/authorizer.ts';
import { type ReviewedSelectors, readSelectors, selectorErrors } from './review-selectors.ts';

/** A question of `kubectl auth can-i`. Source: authorization.k8s.io/v1. */
export interface AccessReview {
  readonly metadata?: ObjectMeta;
  readonly spec: AccessReviewSpec;
}

export interface AccessReviewSpec {
  readonly resourceAttributes?: ResourceAttributes;
  readonly nonResourceAttributes?: { readonly verb?: string; readonly path?: string };
}

export interface ResourceAttributes extends ReviewedSelectors {
  readonly verb?: string;
  readonly group?: string;
  readonly version?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** The same question about somebody else. */
export interface SubjectReview {
  readonly metadata?: ObjectMeta;
  readonly spec: AccessReviewSpec & {
    readonly user?: string;
    readonly uid?: string;
    readonly groups?: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
}

export interface AccessReviewStatus {
  readonly allowed: boolean;
  readonly denied?: true;
  readonly reason?: string;
  readonly evaluationError?: string;
}

/**
 * Answers a SelfSubjectAccessReview: may the caller do this?
 *
 * Errors: Invalid `ApiError` unless the review asks about exactly one resource or path.
 */
export function reviewSelfSubjectAccess(
  review: AccessReview,
  user: UserInfo,
  authorizer: Authorizer,
): Promise<AccessReviewStatus> {
  refuse([...metadataErrors(review), ...questionErrors(review.spec)]);
  return reviewAccess(review.spec, user, authorizer);
}

/** Answers a SubjectAccessReview: may this user, or a member of these groups, do this? */
export function reviewSubjectAccess(
  review: SubjectReview,
  authorizer: Authorizer,
): Promise<AccessReviewStatus> {
  refuse([...metadataErrors(review), ...subjectErrors(review)]);
  return reviewAccess(review.spec, subjectOf(review), authorizer);
}

/**
 * Answers a LocalSubjectAccessReview: the same, within the namespace of the request.
 *
 * Errors: also BadRequest when the review names another namespace than its request.
 */
export function reviewLocalSubjectAccess(
  review: SubjectReview,
  namespace: string,
  authorizer: Authorizer,
): Promise<AccessReviewStatus> {
  const { resourceAttributes, nonResourceAttributes } = review.spec;
  const errors = [...localMetadataErrors(review), ...subjectErrors(review)];
  const own = review.metadata?.namespace ?? namespace;
  if (resourceAttributes !== undefined && (resourceAttributes.namespace ?? '') !== own) {
    const field = 'spec.resourceAttributes.namespace';
    const value = resourceAttributes.namespace ?? '';
    errors.push(invalidValue(field, value, 'must match metadata.namespace'));
  }
  if (nonResourceAttributes !== undefined) {
    const why = 'disallowed on this kind of request';
    errors.push(invalidValue('spec.nonResourceAttributes', asGo(nonResourceAttributes), why));
  }
  refuse(errors);
  if (own !== namespace) {
    throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
  }
  return reviewAccess(review.spec, subjectOf(review), authorizer);
}

/** A question of `kubectl auth can-i --list`. */
export interface RulesReview {
  readonly spec: { readonly namespace?: string };
}

export interface RulesReviewStatus {
  readonly resourceRules: readonly {
    readonly verbs: readonly string[];
    readonly apiGroups?: readonly string[];
    readonly resources?: readonly string[];
    readonly resourceNames?: readonly string[];
  }[];
  readonly nonResourceRules: readonly {
    readonly verbs: readonly string[];
    readonly nonResourceURLs?: readonly string[];
  }[];
  readonly incomplete: boolean;
  readonly evaluationError?: string;
}

/**
 * Answers a SelfSubjectRulesReview: everything the caller may do in a namespace
 * (`kubectl auth can-i --list`).
 */
export function reviewSelfSubjectRules(
  review: RulesReview,
  user: UserInfo,
  rulesFor: AuthorizationMode['rulesFor'],
): RulesReviewStatus {
  const { namespace = '' } = review.spec;
  if (namespace === '') throw badRequest('no namespace on request');
  const { rules, errors, isIncomplete = false } = rulesFor(user, namespace);
  return {
    resourceRules: rules
      .filter(({ resources = [] }) => resources.length > 0)
      .map(({ nonResourceURLs: _, ...rule }) => rule),
    nonResourceRules: rules.flatMap(({ verbs, nonResourceURLs = [] }) =>
      nonResourceURLs.length === 0 ? [] : [{ verbs, nonResourceURLs }],
    ),
    incomplete: isIncomplete,
    ...(errors.length === 0 ? {} : { evaluationError: joinErrors(errors) }),
  };
}

async function reviewAccess(
  spec: AccessReviewSpec,
  user: UserInfo,
  authorizer: Authorizer,
): Promise<AccessReviewStatus> {
  const { target, problems } = targetOf(spec);
  const { kind, reason, evaluationError } = await authorizer({ user, target });
  const errors = [...(evaluationError === undefined ? [] : [evaluationError]), ...problems];
  return {
    allowed: kind === 'allow',
    ...(kind === 'deny' ? { denied: true } : {}),
    ...(reason === '' ? {} : { reason }),
    ...(errors.length === 0 ? {} : { evaluationError: errors.join('; ') }),
  };
}

/** What is asked about; `problems`: what of it cannot be read. */
function targetOf({ resourceAttributes, nonResourceAttributes }: AccessReviewSpec): {
  readonly target: RequestTarget;
  readonly problems: readonly string[];
} {
  if (resourceAttributes === undefined) {
    const { verb = '', path = '' } = nonResourceAttributes ?? {};
    return { target: { isResource: false, verb, path }, problems: [] };
  }
  const { verb = '', group = '', version = '', resource = '' } = resourceAttributes;
  const { subresource = '', namespace = '', name = '' } = resourceAttributes;
  const { problems, ...selectors } = readSelectors(resourceAttributes);
  const place = { subresource, namespace, name, rest: '' };
  const target: RequestTarget = {
    isResource: true,
    verb,
    group,
    version: version === '' ? '*' : version,
    plural: resource,
    ...place,
    ...selectors,
  };
  return { target, problems };
}

function subjectOf({ spec }: SubjectReview): UserInfo {
  const { user = '', uid = '', groups = [], extra } = spec;
  return {
    username: user,
    groups,
    ...(uid === '' ? {} : { uid }),
    ...(extra === undefined ? {} : { extra }),
  };
}

function questionErrors(spec: AccessReviewSpec): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    const why = 'cannot be specified in combination with resourceAttributes';
    return [invalidValue('spec.nonResourceAttributes', asGo(nonResourceAttributes), why)];
  }
  if (resourceAttributes === undefined && nonResourceAttributes === undefined) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    return [invalidValue('spec.resourceAttributes', null, why)];
  }
  return [...selectorErrors(resourceAttributes ?? {})];
}

/** As a kube-apiserver shows it: by the names of its Go type. */
function asGo({
  path = '',
  verb = '',
}: {
  readonly path?: string;
  readonly verb?: string;
}): object {
  return { Path: path, Verb: verb };
}

function subjectErrors({ spec }: SubjectReview): FieldError[] {
  const errors = questionErrors(spec);
  if ((spec.user ?? '') === '' && (spec.groups ?? []).length === 0) {
    errors.push(invalidValue('spec.user', '', 'at least one of user or group must be specified'));
  }
  return errors;
}

function metadataErrors({ metadata }: AccessReview): FieldError[] {
  return isEmpty(metadata) ? [] : [invalidValue('metadata', metadata, 'must be empty')];
}

function localMetadataErrors({ metadata }: AccessReview): FieldError[] {
  const { namespace: _, ...rest } = metadata ?? {};
  const why = 'must be empty except for namespace';
  return isEmpty(rest) ? [] : [invalidValue('metadata', metadata, why)];
}

/** Fields that the server itself adds to every object are left out of the comparison. */
function isEmpty(metadata: ObjectMeta | undefined): boolean {
  const { managedFields: _, creationTimestamp: __, ...rest } = metadata ?? {};
  return Object.keys(rest).length === 0;
}

/** A kube-apiserver leaves out the kind. */
function refuse(errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  throw invalid({ group: 'authorization.k8s.io', kind: '', name: '' }, errors);
}
