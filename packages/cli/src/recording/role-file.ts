import { type PolicyRule, type ScopedRule, type Subject, roleRules } from '@fairway/access';
import { isJsonObject } from '@fairway/protocol';
import { parseAllDocuments, stringify } from 'yaml';
import { CommandError } from '../command-error.ts';
import { visibleText } from '../output/visible-text.ts';

/** Of rights that are recorded: more than a role of a cluster may hold. */
export const rightsMax = 10_000;

/** The name of every role and binding that is written. */
const roleName = 'recorded';

const group = 'rbac.authorization.k8s.io';
const apiVersion = `${group}/v1`;
const refusalMark = '# refused: ';

/** What a file of recorded roles says. */
export interface RoleFile {
  readonly rules: readonly ScopedRule[];
  /** Whom its bindings are for; undefined when it has none. */
  readonly subjects: readonly Subject[] | undefined;
  readonly refusals: readonly string[];
  /** Objects that are no recorded roles or bindings of these, as they are. */
  readonly others: readonly unknown[];
}

/** Reads what `formatRoleFile` wrote, and somebody may have changed. Errors: `CommandError` that names `path`. */
export function readRoleFile(path: string, text: string): RoleFile {
  const rules: ScopedRule[] = [];
  const others: unknown[] = [];
  let subjects: readonly Subject[] | undefined;
  for (const object of documents(path, text)) {
    const { kind, namespace } = recordedPart(object) ?? {};
    if (kind === 'ClusterRole' || kind === 'Role') {
      for (const rule of listOf(path, object, 'rules')) {
        rules.push({ namespace: namespace ?? '', rule: rule as unknown as PolicyRule });
      }
    } else if (kind === 'ClusterRoleBinding' || kind === 'RoleBinding') {
      subjects ??= listOf(path, object, 'subjects') as unknown as readonly Subject[];
    } else others.push(object);
  }
  for (const { rule } of rules) checkRule(path, rule);
  const refusals = text
    .split('\n')
    .filter((line) => line.startsWith(refusalMark))
    .map((line) => line.slice(refusalMark.length).trimEnd());
  return { rules, subjects, refusals, others };
}

function documents(path: string, text: string): readonly object[] {
  const found: object[] = [];
  for (const document of parseAllDocuments(text, { version: '1.1' })) {
    const [error] = document.errors;
    if (error !== undefined) throw unreadable(path, error.message);
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    if (value === null) continue;
    if (!isJsonObject(value)) throw unreadable(path, 'it holds something that is no object');
    found.push(value);
  }
  return found;
}

/** Kind and namespace of an object that has the name of the recorded ones. */
function recordedPart(
  object: object,
): { readonly kind: string; readonly namespace: string } | undefined {
  const { kind, metadata } = object as { readonly kind?: unknown; readonly metadata?: unknown };
  if (typeof kind !== 'string' || !isJsonObject(metadata)) return undefined;
  const { name, namespace = '' } = metadata;
  if (name !== roleName || typeof namespace !== 'string') return undefined;
  return { kind, namespace };
}

function listOf(path: string, object: object, field: string): readonly object[] {
  const list = (object as Readonly<Record<string, unknown>>)[field] ?? [];
  if (Array.isArray(list) && list.every(isJsonObject)) return list;
  throw unreadable(path, `${field} is no list of objects`);
}

function checkRule(path: string, rule: PolicyRule): void {
  const lists = ['verbs', 'apiGroups', 'resources', 'resourceNames', 'nonResourceURLs'] as const;
  for (const name of lists) {
    const list: unknown = rule[name] ?? (name === 'verbs' ? undefined : []);
    const isList = Array.isArray(list) && list.every((each) => typeof each === 'string');
    if (!isList) throw unreadable(path, `${name} of a rule is no list of texts`);
  }
}

function unreadable(path: string, why: string): CommandError {
  return new CommandError(
    `cannot go on with the roles in ${path}: ${why}; mend the file, or name one that does not exist yet`,
  );
}

export interface WrittenRoles extends Omit<RoleFile, 'subjects'> {
  readonly subjects: readonly Subject[];
  /** What a reader is told first, without `#`. */
  readonly notes: readonly string[];
}

/** Roles, and bindings to the subjects, as YAML for `kubectl apply`. */
export function formatRoleFile({ rules, subjects, refusals, others, notes }: WrittenRoles): string {
  const head = [...notes.map((note) => `# ${note}`), ...refusals.map((each) => refusalMark + each)];
  const objects = [...roleRules(rules)].flatMap(([namespace, each]) =>
    roleAndBinding(namespace, each, subjects),
  );
  const texts = [...objects, ...others].map((each) => stringify(each, { version: '1.1' }));
  return `${head.map((line) => `${visibleText(line)}\n`).join('')}${texts.map((text) => `---\n${text}`).join('')}`;
}

function roleAndBinding(
  namespace: string,
  rules: readonly PolicyRule[],
  subjects: readonly Subject[],
): readonly object[] {
  const isCluster = namespace === '';
  const kind = isCluster ? 'ClusterRole' : 'Role';
  const metadata = { name: roleName, ...(isCluster ? {} : { namespace }) };
  return [
    { apiVersion, kind, metadata, rules },
    {
      apiVersion,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: group, kind, name: roleName },
      subjects,
    },
  ];
}

/** Who has this name, as a binding names him. */
export function subjectOf(username: string): Subject {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? [];
  if (namespace !== undefined && name !== undefined) {
    return { kind: 'ServiceAccount', namespace, name };
  }
  return { kind: 'User', apiGroup: group, name: username };
}
