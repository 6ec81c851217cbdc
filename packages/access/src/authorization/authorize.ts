import {
  type ApiError,
  type StatusDetails,
  apiError,
  groupResourceOf,
  internalError,
} from '@fairway/protocol';
import type { AuthenticatedRequest, AuthorizedRequest, Next } from '../authenticated-request.ts';
import type { AccessAttributes, Authorizer, Decision } from './authorizer.ts';

/**
 * Filter: lets through what the user may do, and adds why.
 *
 * Errors: `ApiError` Forbidden, worded as a Kubernetes API words it.
 */
export function authorize<Reply>(
  authorizer: Authorizer,
  next: Next<AuthorizedRequest, Reply>,
): Next<AuthenticatedRequest, Reply> {
  return async (request) => {
    const decision = await authorizer(request);
    request.audit?.noteDecision(request, decision);
    return next({ ...request, decision: allowed(decision, request) });
  };
}

/**
 * Answers why it is allowed. Errors: `ApiError` Forbidden when it is not, InternalError when an authorizer
 * could not decide and no other allows it.
 */
export async function requireAccess(
  authorizer: Authorizer,
  attributes: AccessAttributes,
): Promise<Decision> {
  return allowed(await authorizer(attributes), attributes);
}

function allowed(decision: Decision, attributes: AccessAttributes): Decision {
  if (decision.kind === 'allow') return decision;
  const { reason, evaluationError } = decision;
  if (evaluationError === undefined) throw accessForbidden(attributes, reason);
  throw internalError(evaluationError);
}

/** Forbidden unless the authorizer allows it, also where it could not decide; undefined when it does. */
export async function refusalOf(
  authorizer: Authorizer,
  attributes: AccessAttributes,
): Promise<ApiError | undefined> {
  const { kind, reason, evaluationError } = await authorizer(attributes);
  if (kind === 'allow') return undefined;
  const why = [evaluationError ?? '', reason].filter((each) => each !== '').join(': ');
  return accessForbidden(attributes, why);
}

/**
 * The refusal of an authorizer: `pods is forbidden: User "bob" cannot list resource "pods" in API
 * group "" in the namespace "x"`. `reason`, when there is one, follows.
 */
export function accessForbidden(attributes: AccessAttributes, reason: string): ApiError {
  const why =
    reason === '' ? describeRefusal(attributes) : `${describeRefusal(attributes)}: ${reason}`;
  const message = `${subjectOf(attributes)}forbidden: ${why}`;
  const headers = { 'x-content-type-options': 'nosniff' };
  return apiError('Forbidden', message, detailsOf(attributes), { headers });
}

function describeRefusal({ user, target }: AccessAttributes): string {
  const who = `User ${quote(user.username)} cannot ${target.verb}`;
  if (!target.isResource) return `${who} path ${quote(target.path)}`;
  const { plural, subresource, group, namespace } = target;
  const resource = subresource === '' ? plural : `${plural}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${quote(namespace)}`;
  return `${who} resource ${quote(resource)} in API group ${quote(group)} ${where}`;
}

function subjectOf({ target }: AccessAttributes): string {
  if (!target.isResource) return '';
  const resource = groupResourceOf(target);
  return target.name === '' ? `${resource} is ` : `${resource} ${quote(target.name)} is `;
}

function detailsOf({ target }: AccessAttributes): StatusDetails {
  if (!target.isResource) return {};
  return {
    ...(target.name === '' ? {} : { name: target.name }),
    ...(target.group === '' ? {} : { group: target.group }),
    kind: target.plural,
  };
}

// JSON's escapes keep a name with a newline or a NUL on one line of a log.
function quote(text: string): string {
  return JSON.stringify(text);
}
