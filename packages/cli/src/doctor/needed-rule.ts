import type { AccessQuestion } from '../access/access-question.ts';
import { quotedPath } from '../quoted-path.ts';
import type { KnownUser } from './step.ts';

/** The least rule of a role that allows what was asked about. */
export interface NeededRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  /** With the subresource: `pods/log`. */
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  /** For a Role; absent: it takes a ClusterRole. */
  readonly namespace?: string;
}

export function neededRule({ target, resource }: AccessQuestion): NeededRule {
  const verbs = [target.verb];
  if (!target.isResource) return { verbs, nonResourceURLs: [target.path] };
  const { group, plural, subresource, name, namespace } = target;
  const isNamespaced = resource?.isNamespaced !== false && namespace !== '';
  return {
    verbs,
    apiGroups: [group],
    resources: [subresource === '' ? plural : `${plural}/${subresource}`],
    ...(name === '' ? {} : { resourceNames: [name] }),
    ...(isNamespaced ? { namespace } : {}),
  };
}

/** The line with which somebody who may gives the right to a user. What others named in it is quoted for the shell. */
export function grantLine(rule: NeededRule, { username }: KnownUser): string {
  const { namespace, verbs } = rule;
  const kind = namespace === undefined ? 'clusterrole' : 'role';
  const place = namespace === undefined ? '' : ` -n ${quotedPath(namespace)}`;
  const what = rule.resources?.[0] ?? 'path';
  const name = roleName([...verbs, what].join('-'));
  const role = `kubectl create ${kind} ${name} --verb=${quotedPath(verbs.join(','))} ${aim(rule)}${place}`;
  const binding = `kubectl create ${kind}binding ${name} --${kind}=${name} ${subject(username)}${place}`;
  return `${role} && ${binding}`;
}

/** Of words that others may have named, as objects and shells take it. */
function roleName(words: string): string {
  const plain = words.replaceAll('*', 'all').toLowerCase();
  return plain.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '');
}

function aim({
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: NeededRule): string {
  if (nonResourceURLs.length > 0)
    return `--non-resource-url=${quotedPath(nonResourceURLs.join(','))}`;
  const [group = ''] = apiGroups;
  const typed = resources.map((each) => {
    const [plural = '', subresource] = each.split('/');
    const resource = group === '' ? plural : `${plural}.${group}`;
    return subresource === undefined ? resource : `${resource}/${subresource}`;
  });
  const names = resourceNames.map((each) => ` --resource-name=${quotedPath(each)}`);
  return `--resource=${quotedPath(typed.join(','))}${names.join('')}`;
}

function subject(username: string): string {
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username);
  if (account !== null) return `--serviceaccount=${quotedPath(`${account[1]}:${account[2]}`)}`;
  return `--user=${quotedPath(username)}`;
}
