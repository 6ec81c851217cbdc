import { isEveryonesRight, neededRights } from '@fairway/access';
import {
  type ApiError,
  type HttpRequest,
  type RequestTarget,
  type ResourceTarget,
  apiError,
  groupResourceOf,
} from '@fairway/protocol';
import { type AccessRule, allows, denies } from './access-rule.ts';
import { plainTarget } from './plain-target.ts';
import { type JudgedUse, requestUses } from './request-uses.ts';

/** What callers of a proxy may do of all that its user may. */
export interface FenceRules {
  /** Nothing is changed, and nothing runs. */
  readonly isReadOnly: boolean;
  /** Where requests stay; empty: everywhere. */
  readonly namespaces: readonly string[];
  /** When there are some, what none of them names is refused, but for what everyone may do. */
  readonly allow: readonly AccessRule[];
  /** What is refused, whatever else is allowed. */
  readonly deny: readonly AccessRule[];
}

type JudgedRequest = Pick<HttpRequest, 'method' | 'path' | 'query' | 'headers'>;

/**
 * Judges a request, its path as the cluster has it.
 *
 * Errors: `ApiError` Forbidden, which names the fence; BadRequest for what is no plain request of the API.
 */
export type Fence = (request: JudgedRequest, options: { readonly isUpgrade: boolean }) => void;

/** The fence of these rules; undefined when they let everything through. */
export function makeFence(rules: FenceRules): Fence | undefined {
  const { isReadOnly, namespaces, allow, deny } = rules;
  if (!isReadOnly && namespaces.length + allow.length + deny.length === 0) return undefined;
  return (request, { isUpgrade }) => {
    const target = plainTarget(request);
    const refusal = refusalOf(rules, { target, isUpgrade });
    if (refusal !== undefined) throw forbidden(target, refusal);
  };
}

interface Refusal {
  /** The flag that refuses it. */
  readonly fence: string;
  /** What comes of it that is refused, when that is not what it says itself. */
  readonly use: RequestTarget;
  readonly why: string;
}

function refusalOf(rules: FenceRules, judged: JudgedUse): Refusal | undefined {
  const { target } = judged;
  const uses = requestUses(judged);
  // A method that has no verb cannot be judged.
  if (uses.length === 0) {
    return { fence: 'the fences', use: target, why: 'its method has no verb' };
  }
  for (const rule of rules.deny) {
    const use = uses.find((each) => denies(rule, each));
    if (use !== undefined) return { fence: `--deny '${rule.text}'`, use, why: 'it is denied' };
  }
  return (
    writeRefusal(rules, judged) ??
    placeRefusal(rules, target) ??
    allowanceRefusal(rules.allow, target)
  );
}

function writeRefusal({ isReadOnly }: FenceRules, judged: JudgedUse): Refusal | undefined {
  if (!isReadOnly) return undefined;
  const fence = '--read-only';
  const { target, isUpgrade } = judged;
  if (isUpgrade && !isReadStream(target)) {
    return { fence, use: target, why: 'a stream may carry anything to the other end' };
  }
  const use = requestUses(judged).find((each) => !isRead(each));
  return use === undefined ? undefined : { fence, use, why: 'it may change something' };
}

/** Over a WebSocket there are also watches and logs, which go one way. */
function isReadStream(target: RequestTarget): boolean {
  if (!target.isResource) return false;
  if (target.verb === 'watch' || target.verb === 'list') return true;
  const { verb, group, plural, subresource } = target;
  return verb === 'get' && group === '' && plural === 'pods' && subresource === 'log';
}

function isRead(use: RequestTarget): boolean {
  if (!use.isResource) return use.verb === 'get' || use.verb === 'head';
  if (use.verb === 'get' || use.verb === 'list' || use.verb === 'watch') return true;
  // They ask, by a body.
  return use.verb === 'create' && use.subresource === '' && isReview(use);
}

function isReview({ group, plural }: ResourceTarget): boolean {
  return (
    (group === 'authorization.k8s.io' || group === 'authentication.k8s.io') &&
    /^(?:local|self)?subject(?:access|rules)?reviews$|^tokenreviews$/.test(plural)
  );
}

function placeRefusal({ namespaces }: FenceRules, target: RequestTarget): Refusal | undefined {
  if (namespaces.length === 0 || isEveryonesRight(target)) return undefined;
  if (!target.isResource) return outside(namespaces, target, 'it is about the whole cluster');
  const { group, plural, namespace, name, verb } = target;
  if (group === '' && plural === 'namespaces') {
    const isOwn = namespaces.includes(name) && (target.subresource === '' || verb === 'get');
    if (isOwn && ['get', 'list', 'watch'].includes(verb)) return undefined;
    return outside(namespaces, target, 'of namespaces it lets these be read');
  }
  if (namespaces.includes(namespace)) return undefined;
  const why = namespace === '' ? 'it is in no namespace, or in all of them' : 'it is in another';
  return outside(namespaces, target, why);
}

function outside(namespaces: readonly string[], use: RequestTarget, why: string): Refusal {
  return { fence: `--namespace-fence ${namespaces.join(',')}`, use, why };
}

function allowanceRefusal(
  allow: readonly AccessRule[],
  target: RequestTarget,
): Refusal | undefined {
  if (allow.length === 0 || isEveryonesRight(target)) return undefined;
  const use = neededRights(target).find((each) => !allow.some((rule) => allows(rule, each)));
  return use === undefined
    ? undefined
    : { fence: '--allow', use, why: 'none of its rules names it' };
}

function forbidden(target: RequestTarget, { fence, use, why }: Refusal): ApiError {
  const message = `${subjectOf(target)}forbidden: ${fence} of this proxy refuses to ${describe(use)}: ${why}`;
  if (!target.isResource) return apiError('Forbidden', message);
  const { name, group, plural } = target;
  return apiError('Forbidden', message, {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind: plural,
  });
}

function subjectOf(target: RequestTarget): string {
  if (!target.isResource) return '';
  const resource = groupResourceOf(target);
  return target.name === '' ? `${resource} is ` : `${resource} ${JSON.stringify(target.name)} is `;
}

/** `create pods/exec "web" in the namespace "shop"` */
function describe(use: RequestTarget): string {
  const verb = use.verb === '' ? 'pass' : use.verb;
  if (!use.isResource) return `${verb} ${JSON.stringify(use.path)}`;
  const { subresource, namespace, name } = use;
  const resource =
    subresource === '' ? groupResourceOf(use) : `${groupResourceOf(use)}/${subresource}`;
  const named = name === '' ? '' : ` ${JSON.stringify(name)}`;
  return `${verb} ${resource}${named}${namespace === '' ? '' : ` in the namespace ${JSON.stringify(namespace)}`}`;
}
