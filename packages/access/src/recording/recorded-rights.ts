import type { RequestTarget } from '@fairway/protocol';
import type { PolicyRule } from '../authorization/rbac-policy.ts';
import { isEveryonesRight, neededRights } from './needed-rights.ts';

/** A request and how it was answered. */
export interface AnsweredRequest {
  readonly target: RequestTarget;
  readonly status: number;
}

export interface RecordingOptions {
  /** Whether rules are for the objects that were named, and no others. */
  readonly keepsNames: boolean;
  /** Of rights and of refusals, each; more are not recorded. */
  readonly rightsMax: number;
}

/** The rules of one scope; the namespace of the cluster's is empty. */
export interface ScopedRule {
  readonly namespace: string;
  readonly rule: PolicyRule;
}

/**
 * The rights that requests have used, each once.
 *
 * Shape: one that failed counts when it got as far as an authorized one does: its caller would have been told
 * something else without the right. One that was forbidden is a refusal, until the same is allowed.
 */
export class RecordedRights {
  readonly #options: RecordingOptions;
  readonly #rights = new Map<string, ScopedRule>();
  readonly #refusals = new Set<string>();
  #isFull = false;

  constructor(options: RecordingOptions) {
    this.#options = options;
  }

  /** Each with one verb, on one resource or path, and at most one name. */
  get rights(): Iterable<ScopedRule> {
    return this.#rights.values();
  }

  /** For people, one line each: `get secrets "db" in namespace "shop"`. */
  get refusals(): Iterable<string> {
    return this.#refusals;
  }

  /** Whether something was left out because there was too much. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** What an earlier recording was refused. */
  addRefusals(refusals: Iterable<string>): void {
    for (const each of refusals) this.#refusals.add(each);
  }

  /** Answers whether this is news. */
  add(request: AnsweredRequest): boolean {
    let isNews = false;
    for (const right of usedRights(request)) {
      isNews = (request.status === 403 ? this.#refuse(right) : this.#grant(right)) || isNews;
    }
    return isNews;
  }

  #grant(right: RequestTarget): boolean {
    const key = rightText(right, this.#options.keepsNames);
    const wasRefused = this.#refusals.delete(rightText(right, true));
    if (this.#rights.has(key)) return wasRefused;
    if (this.#rights.size >= this.#options.rightsMax) return this.#leaveOut();
    this.#rights.set(key, ruleFor(right, this.#options.keepsNames));
    return true;
  }

  #refuse(right: RequestTarget): boolean {
    const text = rightText(right, true);
    if (this.#refusals.has(text)) return false;
    if (this.#rights.has(rightText(right, this.#options.keepsNames))) return false;
    if (this.#refusals.size >= this.#options.rightsMax) return this.#leaveOut();
    this.#refusals.add(text);
    return true;
  }

  #leaveOut(): boolean {
    const isNews = !this.#isFull;
    this.#isFull = true;
    return isNews;
  }
}

/** The rights that a request has used, or lacked when it was forbidden; those that everyone has left out. */
function usedRights({ target, status }: AnsweredRequest): readonly RequestTarget[] {
  if (!isJudged(status)) return [];
  const needed = neededRights(target);
  const isMade = status === 201 && target.isResource;
  // What is written and not there yet is created. Source: kube-apiserver, create on update.
  const makes =
    isMade && (target.verb === 'update' || target.verb === 'patch')
      ? [{ ...target, verb: 'create' }]
      : [];
  return [...needed, ...makes].filter((each) => isNameable(each) && !isEveryonesRight(each));
}

/**
 * Whether a rule can name it and nothing else. A caller may well ask for `/apis/*` or for a resource `*`, which
 * nobody serves: a rule would take the star for everything.
 */
function isNameable(right: RequestTarget): boolean {
  if (!right.isResource) return !right.path.includes('*') && right.path.length <= charactersMax;
  const { group, plural, subresource, namespace, name } = right;
  const segments = [group, plural, subresource, namespace].filter((each) => each !== '');
  return plural !== '' && name.length <= charactersMax && segments.every((each) => word.test(each));
}

const word = /^[a-z0-9](?:[-a-z0-9.]{0,252})$/;
/** Of a path or of a name; those of objects have 253. */
const charactersMax = 1024;

/** Whether whoever answered so had authorized the request, or refused to. 429 and 5xx may come from before. */
function isJudged(status: number): boolean {
  return status < 500 && status !== 401 && status !== 429;
}

function ruleFor(right: RequestTarget, keepsNames: boolean): ScopedRule {
  const verbs = [right.verb];
  if (!right.isResource) return { namespace: '', rule: { nonResourceURLs: [right.path], verbs } };
  const { group, name, namespace } = right;
  const resources = [resourceOf(right)];
  const names = keepsNames && name !== '' ? { resourceNames: [name] } : {};
  return { namespace, rule: { apiGroups: [group], resources, ...names, verbs } };
}

function rightText(right: RequestTarget, keepsNames: boolean): string {
  if (!right.isResource) return `${right.verb} ${JSON.stringify(right.path)}`;
  const { verb, group, name, namespace } = right;
  const [plural = '', ...subresource] = resourceOf(right).split('/');
  const resource = [group === '' ? plural : `${plural}.${group}`, ...subresource].join('/');
  const named = keepsNames && name !== '' ? ` ${JSON.stringify(name)}` : '';
  const where = namespace === '' ? '' : ` in namespace ${JSON.stringify(namespace)}`;
  return `${verb} ${resource}${named}${where}`;
}

/** As roles name it: `pods`, `pods/exec`. */
function resourceOf({
  plural,
  subresource,
}: RequestTarget & { readonly isResource: true }): string {
  return subresource === '' ? plural : `${plural}/${subresource}`;
}
