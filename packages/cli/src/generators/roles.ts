import type { DiscoveredResource, Discovery } from '@fairway/client';
import { CommandError } from '../command-error.ts';
import { readLabelSelector } from '../selection/selection-flags.ts';
import type { Generator, GeneratorTask } from './generator.ts';

interface RoleFlags {
  readonly verb?: readonly string[];
  readonly resource?: readonly string[];
  readonly resourceName?: readonly string[];
  readonly nonResourceUrl?: readonly string[];
  readonly aggregationRule?: string;
}

const apiVersion = 'rbac.authorization.k8s.io/v1';

/** `create role` */
export const role: Generator<RoleFlags> = async (task) => {
  const { name } = task;
  return { apiVersion, kind: 'Role', metadata: { name }, rules: await resourceRules(task) };
};

/** `create clusterrole` */
export const clusterRole: Generator<RoleFlags> = async (task) => {
  const { name, flags } = task;
  const { aggregationRule = '', nonResourceUrl = [], resource = [], verb = [] } = flags;
  const head = { apiVersion, kind: 'ClusterRole', metadata: { name } };
  if (aggregationRule !== '') {
    if (nonResourceUrl.length + resource.length + verb.length > 0) {
      throw new CommandError('aggregation rule must be specified without other rules');
    }
    const matchLabels = labelsOf(aggregationRule);
    return { ...head, rules: [], aggregationRule: { clusterRoleSelectors: [{ matchLabels }] } };
  }
  if (nonResourceUrl.length === 0) return { ...head, rules: await resourceRules(task) };
  const urls = { verbs: urlVerbs(flags), nonResourceURLs: unique(nonResourceUrl) };
  const rules = resource.length === 0 ? [] : await resourceRules(task);
  return { ...head, rules: [...rules, urls] };
};

function labelsOf(text: string): Readonly<Record<string, string>> {
  const all = readLabelSelector('--aggregation-rule', text);
  const labels = all.map(({ key, operator, values }) => {
    if (operator === '=') return [key, values[0]] as const;
    throw new CommandError(`--aggregation-rule ${text} is no list of labels such as a=b,c=d`);
  });
  return Object.fromEntries(labels) as Readonly<Record<string, string>>;
}

function urlVerbs({ verb = [], nonResourceUrl = [] }: RoleFlags): readonly string[] {
  const verbs = requiredVerbs(verb);
  const wrong = verbs.find((each) => !urlVerbNames.includes(each));
  if (wrong !== undefined) {
    throw new CommandError(
      `invalid verb '${wrong}' for nonResourceURL: it is one of ${urlVerbNames.join(', ')}`,
    );
  }
  const url = nonResourceUrl.find((each) => each !== '*' && !/^\/[^*]*\*?$/.test(each));
  if (url === undefined) return verbs;
  throw new CommandError(`nonResourceURL ${url} should start with /, and have a * at its end only`);
}

const urlVerbNames = ['get', 'put', 'post', 'head', 'options', 'delete', 'patch', '*'];

const resourceVerbs = new Set(
  ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', '*'].concat([
    'use',
    'bind',
    'escalate',
    'impersonate',
    'approve',
    'sign',
    'proxy',
    'attest',
    'request-serviceaccounts-token-audience',
  ]),
);

/** A rule for each group, in their order. */
async function resourceRules({
  context,
  discovery,
  flags,
}: GeneratorTask<RoleFlags>): Promise<readonly object[]> {
  const { verb = [], resource = [], resourceName = [] } = flags;
  const verbs = requiredVerbs(verb);
  if (resource.length === 0) throw new CommandError('at least one resource must be specified');
  for (const each of verbs.filter((name) => !resourceVerbs.has(name))) {
    await context.output.writeError(`Warning: '${each}' is not a standard resource verb\n`);
  }
  const names = resourceName.length === 0 ? {} : { resourceNames: unique(resourceName) };
  const byGroup = new Map<string, string[]>();
  for (const text of unique(resource)) {
    const { group, name } = await groupResource(discovery, text);
    const known = byGroup.get(group) ?? [];
    if (!known.includes(name)) known.push(name);
    byGroup.set(group, known);
  }
  const groups = [...byGroup].sort(([left], [right]) => (left < right ? -1 : 1));
  return groups.map(([group, resources]) => ({ apiGroups: [group], ...names, resources, verbs }));
}

function requiredVerbs(verb: readonly string[]): readonly string[] {
  if (verb.length === 0) throw new CommandError('at least one verb must be specified');
  return verb.includes('*') ? ['*'] : unique(verb);
}

async function groupResource(
  discovery: Discovery,
  text: string,
): Promise<{ readonly group: string; readonly name: string }> {
  const [type = '', subresource] = text.split(/\/(.*)/s);
  const suffix = subresource === undefined ? '' : `/${subresource}`;
  if (type === '')
    throw new CommandError('resource must be specified if apiGroup/subresource specified');
  const [word = '', ...rest] = type.split('.');
  if (word === '*') return { group: rest.join('.'), name: `*${suffix}` };
  const found: DiscoveredResource | undefined = await discovery.find(type);
  if (found !== undefined) return { group: found.group, name: `${found.plural}${suffix}` };
  const where = rest.length === 0 ? '' : ` in group "${rest.join('.')}"`;
  throw new CommandError(`the server doesn't have a resource type "${word}"${where}`);
}

interface BindingFlags {
  readonly role?: string;
  readonly clusterrole?: string;
  /** `--user`, which is not that of the kubeconfig. */
  readonly subjectUsers?: readonly string[];
  readonly group?: readonly string[];
  readonly serviceaccount?: readonly string[];
}

/** `create rolebinding` */
export const roleBinding: Generator<BindingFlags> = ({ name, flags }) => {
  const { role: ofRole = '', clusterrole = '' } = flags;
  if ((ofRole === '') === (clusterrole === '')) {
    throw new CommandError('exactly one of clusterrole or role must be specified');
  }
  const kind = ofRole === '' ? 'ClusterRole' : 'Role';
  const roleRef = { apiGroup, kind, name: ofRole === '' ? clusterrole : ofRole };
  return { apiVersion, kind: 'RoleBinding', metadata: { name }, roleRef, ...subjectsOf(flags) };
};

/** `create clusterrolebinding` */
export const clusterRoleBinding: Generator<BindingFlags> = ({ name, flags }) => {
  const { clusterrole = '' } = flags;
  if (clusterrole === '') throw new CommandError('required flag(s) "clusterrole" not set');
  const roleRef = { apiGroup, kind: 'ClusterRole', name: clusterrole };
  const metadata = { name };
  return { apiVersion, kind: 'ClusterRoleBinding', metadata, roleRef, ...subjectsOf(flags) };
};

const apiGroup = 'rbac.authorization.k8s.io';

function subjectsOf({ subjectUsers = [], group = [], serviceaccount = [] }: BindingFlags): object {
  const subjects = [
    ...unique(subjectUsers).map((name) => ({ apiGroup, kind: 'User', name })),
    ...unique(group).map((name) => ({ apiGroup, kind: 'Group', name })),
    ...unique(serviceaccount).map((text) => {
      const [namespace = '', name = '', ...rest] = text.split(':');
      if (namespace !== '' && name !== '' && rest.length === 0) {
        return { kind: 'ServiceAccount', name, namespace };
      }
      throw new CommandError(
        `serviceaccount must be <namespace>:<name>, and not ${JSON.stringify(text)}`,
      );
    }),
  ];
  return subjects.length === 0 ? {} : { subjects };
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
