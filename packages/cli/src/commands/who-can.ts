import { type Holder, type RbacPolicy, type RoleBinding, whoCan } from '@fairway/access';
import type { RequestTarget } from '@fairway/protocol';
import { type AccessQuestion, readQuestion } from '../access/access-question.ts';
import { type PolicyPlace, readPolicy } from '../access/read-policy.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { ColumnWidths } from '../output/column-widths.ts';
import { documentFormat } from '../output/output-format.ts';
import { visibleText } from '../output/visible-text.ts';

export interface WhoCanFlags extends ClusterFlags {
  readonly allNamespaces?: boolean;
  readonly subresource?: string;
  readonly output?: string;
}

/** Says who may do something, and by which binding and role. */
export async function showWhoCan(
  context: CommandContext,
  words: readonly string[],
  flags: WhoCanFlags,
): Promise<void> {
  const { output, signal } = context;
  const [verb = '', what = ''] = words;
  if (words.length !== 2 || verb === '' || what === '') {
    throw new CommandError(
      'name a verb and a resource, resource/name or path, as in `fairway who-can get pods`',
    );
  }
  const format = flags.output === undefined ? undefined : await documentFormat(flags.output);
  if (flags.output !== undefined && format === undefined) {
    throw new CommandError("--output must be 'json', 'yaml' or 'jsonpath=TEMPLATE'");
  }
  await using client = await openClient(context, flags);
  const subresource = flags.subresource ?? '';
  const namespace = flags.allNamespaces === true ? '' : client.namespace;
  const question = await readQuestion(client, { verb, what, subresource, namespace });
  for (const { about, text } of question.warnings) {
    if (about !== 'scope') await output.writeError(`Warning: ${text}\n`);
  }
  const place = placeOf(question);
  const { policy, hidden } = await readPolicy(client, { place, signal });
  const { holders, unresolved } = whoCan(policy, targetOf(question), namespacesOf(policy));
  const unseen = [...hidden.map(describeHidden), ...unresolved.map(describeUnresolved), onlyRoles];
  if (format !== undefined) {
    return await output.write(format({ subjects: holders.map(asJson), unseen }));
  }
  await output.write(
    holders.length === 0
      ? `Nobody may ${verb} ${what}, by the roles and bindings that can be seen.\n`
      : table(holders),
  );
  for (const text of unseen) await output.writeError(`Note: ${text}\n`);
}

/** Whose bindings may speak of it, beside those of the cluster. */
function placeOf({ target, resource }: AccessQuestion): PolicyPlace {
  if (!target.isResource) return { kind: 'cluster' };
  if (resource?.isNamespaced === false) {
    // A namespace is in itself: roles in it may speak of it.
    const isNamespace = resource.group === '' && resource.plural === 'namespaces';
    if (!isNamespace || target.name === '') return { kind: 'cluster' };
    return { kind: 'namespace', name: target.name };
  }
  const { namespace } = target;
  return namespace === '' ? { kind: 'all' } : { kind: 'namespace', name: namespace };
}

// Roles name what no server lists too: `signers.certificates.k8s.io`.
function targetOf({ target, resource }: AccessQuestion): RequestTarget {
  if (!target.isResource || resource !== undefined) return target;
  const [plural = '', ...group] = target.plural.split('.');
  return { ...target, plural, group: group.join('.') };
}

function namespacesOf({ roleBindings }: RbacPolicy): readonly string[] {
  return [...new Set(roleBindings.map(({ metadata }) => metadata.namespace ?? ''))].sort();
}

const onlyRoles =
  'only roles and bindings were looked at: system:masters may do everything, and the authorizers of nodes and webhooks may allow more';

function describeHidden(what: string): string {
  return `you may not list ${what}: whom they let is missing here`;
}

function describeUnresolved(binding: RoleBinding): string {
  const { kind, name } = binding.roleRef;
  return `${nameOf(binding)} names the ${kind} ${name}, which does not exist or may not be seen`;
}

function table(holders: readonly Holder[]): string {
  const header = ['SUBJECT', 'BINDING', 'ROLE'];
  const rows = holders.map(({ subject, binding, aggregatedFrom }) => {
    const { kind, name } = binding.roleRef;
    const sources = aggregatedFrom.length === 0 ? '' : ` (of ${aggregatedFrom.join(', ')})`;
    const place = subject.kind === 'ServiceAccount' ? `${namespaceOf(subject, binding)}/` : '';
    return [
      `${subject.kind} ${place}${subject.name}`,
      nameOf(binding),
      `${kind} ${name}${sources}`,
    ];
  });
  return new ColumnWidths().align([header, ...rows.map((row) => row.map(visibleText))]);
}

/** `RoleBinding shop/devs` */
function nameOf({ metadata: { namespace = '', name = '' } }: RoleBinding): string {
  return namespace === '' ? `ClusterRoleBinding ${name}` : `RoleBinding ${namespace}/${name}`;
}

// An account is one of the binding's own namespace unless it says otherwise.
function namespaceOf({ namespace = '' }: Holder['subject'], { metadata }: RoleBinding): string {
  return namespace === '' ? (metadata.namespace ?? '') : namespace;
}

function asJson({ subject, binding, aggregatedFrom }: Holder): unknown {
  const { namespace = '', name } = binding.metadata;
  const { kind, name: role } = binding.roleRef;
  const account =
    subject.kind === 'ServiceAccount' ? { namespace: namespaceOf(subject, binding) } : {};
  return {
    subject: { kind: subject.kind, name: subject.name, ...account },
    binding:
      namespace === ''
        ? { kind: 'ClusterRoleBinding', name }
        : { kind: 'RoleBinding', namespace, name },
    role: { kind, name: role, ...(aggregatedFrom.length === 0 ? {} : { aggregatedFrom }) },
  };
}
