import { type RequestTarget, type ResourceTarget, parseProxyName } from '@fairway/protocol';

/** What `--allow` or `--deny` names: verbs on a resource or on a path. */
export interface AccessRule {
  /** As it was written, for whoever is refused. */
  readonly text: string;
  readonly verbs: readonly string[];
  readonly subject: RuleSubject;
}

export type RuleSubject =
  | {
      readonly kind: 'resource';
      readonly plural: string;
      /** Undefined: in every group. */
      readonly group: string | undefined;
      readonly name: string;
      /** Empty: the object itself. */
      readonly subresource: string;
    }
  | { readonly kind: 'path'; readonly path: string };

/** What is known of resources by their names, so that a rule that can never count is found. */
export interface ResourceNames {
  /** The plural of a short name, singular or kind; undefined for a name that is not known. */
  pluralOf(name: string): string | undefined;
  hasSubresource(plural: string, subresource: string): boolean;
}

/**
 * Reads a rule: `get,list pods`, `* secrets.`, `delete deployments.apps/web`, `create pods/web/exec`, `get /logs/*`.
 *
 * Grammar: verbs with commas, a space, and a path or `RESOURCE[.GROUP][/NAME[/SUBRESOURCE]]`. `*` stands for every
 * verb, resource, name or subresource, and at the end of a name or path for whatever follows. A resource without a group
 * is of every group; with a dot alone behind it, of the core group. Errors: `RangeError`.
 */
export function parseAccessRule(text: string, names: ResourceNames): AccessRule {
  const [verbText = '', what = '', ...more] = text.trim().split(/\s+/);
  if (what === '' || more.length > 0) throw complaint(text, 'is no verb and one thing');
  const verbs = verbText.split(',').map((each) => each.toLowerCase());
  const known = what.startsWith('/') ? pathVerbs : resourceVerbs;
  const unknown = verbs.find((each) => !known.includes(each));
  if (unknown !== undefined) {
    const list = known.join(' ');
    throw complaint(text, `has the verb ${JSON.stringify(unknown)}; there are ${list}`);
  }
  const subject = what.startsWith('/')
    ? ({ kind: 'path', path: what } as const)
    : readResource(text, what, names);
  if (subject.kind === 'resource' && subject.name !== '*' && verbs.includes('create')) {
    if (subject.subresource === '') {
      throw complaint(text, 'names an object that is to be created, whose name no path tells');
    }
  }
  return { text: text.trim(), verbs, subject };
}

const resourceVerbs = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'impersonate',
  '*',
];

const pathVerbs = ['get', 'head', 'post', 'put', 'patch', 'delete', '*'];

function readResource(text: string, what: string, names: ResourceNames): RuleSubject {
  const [type = '', name = '*', subresource = '', ...more] = what.split('/');
  if (more.length > 0 || type === '' || name === '' || what.endsWith('/')) {
    throw complaint(text, 'is no RESOURCE[.GROUP][/NAME[/SUBRESOURCE]]');
  }
  const dot = type.indexOf('.');
  const word = (dot === -1 ? type : type.slice(0, dot)).toLowerCase();
  const group = dot === -1 ? undefined : type.slice(dot + 1).toLowerCase();
  if (![word, group ?? ''].every((each) => /^(?:\*|[-a-z0-9.]*)$/.test(each)) || word === '') {
    throw complaint(text, `has no resource: ${JSON.stringify(type)}`);
  }
  const plural = names.pluralOf(word) ?? word;
  if (subresource === '' && names.hasSubresource(plural, name)) {
    throw complaint(text, `may mean every ${plural}/${name}: write ${type}/*/${name}`);
  }
  return { kind: 'resource', plural, group, name, subresource };
}

function complaint(text: string, why: string): RangeError {
  return new RangeError(
    `${JSON.stringify(text)} ${why}; write it as "get,list pods", "delete deployments.apps/web", "create pods/*/exec" or "get /logs/*"`,
  );
}

/**
 * Whether a rule that denies is about this: what it names, by whichever port and scheme its proxy is asked for,
 * everything below that, and what is done to many of which it may be one. Not what is created by its name, which no
 * path tells.
 */
export function denies(rule: AccessRule, use: RequestTarget): boolean {
  const { subject } = rule;
  if (!hasVerb(rule, use)) return false;
  if (subject.kind === 'path') return !use.isResource && isLike(use.path, subject.path);
  if (!use.isResource || !isOfType(subject, use)) return false;
  const isBelow = subject.subresource === '' || isLike(use.subresource, subject.subresource);
  if (!isBelow) return false;
  if (isLike(use.name, subject.name) || (use.name === '' && use.verb !== 'create')) return true;
  return isProxied(use) && isLike(withoutPort(use.name), withoutPort(subject.name));
}

/**
 * Whether a rule that allows is about this: what it names and nothing else, as in a role, where `admin` is not
 * `admin:80`. The scheme before a name is no beginning of it.
 */
export function allows(rule: AccessRule, use: RequestTarget): boolean {
  const { subject } = rule;
  if (!hasVerb(rule, use)) return false;
  if (subject.kind === 'path') return !use.isResource && isLike(use.path, subject.path);
  if (!use.isResource || !isOfType(subject, use)) return false;
  const isThis =
    subject.subresource === ''
      ? use.subresource === ''
      : use.subresource !== '' && isLike(use.subresource, subject.subresource);
  if (!isThis || !isLike(use.name, subject.name)) return false;
  if (!isProxied(use) || subject.name.includes(':')) return true;
  return isLike(withoutPort(use.name), subject.name);
}

/** Whether a scheme and a port may stand around its name. */
function isProxied({ group, plural, subresource }: ResourceTarget): boolean {
  return group === '' && proxied.has(plural) && subresource === 'proxy';
}

const proxied: ReadonlySet<string> = new Set(['services', 'pods', 'nodes']);

/** Of what no API server takes for such a name, all of it. */
function withoutPort(name: string): string {
  return parseProxyName(name)?.name ?? name;
}

function hasVerb({ verbs }: AccessRule, { verb }: RequestTarget): boolean {
  return verbs.includes('*') || verbs.includes(verb);
}

function isOfType(
  { plural, group }: RuleSubject & { readonly kind: 'resource' },
  use: ResourceTarget,
): boolean {
  return (
    (plural === '*' || plural === use.plural) &&
    (group === undefined || group === '*' || group === use.group)
  );
}

function isLike(text: string, pattern: string): boolean {
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
}
