import type { Subject } from '@fairway/access';
import { type Client, type DynamicObject, isAlreadyExists, isForbidden } from '@fairway/client';
import { Namespace } from '@fairway/kinds/core/v1';
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '@fairway/kinds/rbac/v1';
import type { ResourceDescriptor } from '@fairway/protocol';
import {
  type AnyBinding,
  type AnyRole,
  type Reconciled,
  reconcileBinding,
  reconcileRole,
} from '../access/reconciled-objects.ts';
import { ruleText } from '../access/rule-table.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { readManifests } from '../selection/read-manifests.ts';
import { readDryRun } from '../output/dry-run.ts';
import { throwAll } from '../selection/visit-objects.ts';
import { openClient } from '../connection/open-client.ts';
import { type OutputFormat, parseOutputFormat } from '../output/output-format.ts';

export interface ReconcileFlags extends ClusterFlags {
  readonly filename: readonly string[];
  /** True where it has no value. */
  readonly dryRun?: string | boolean;
  readonly removeExtraPermissions?: boolean;
  readonly removeExtraSubjects?: boolean;
  readonly output?: string;
}

/** Makes roles and bindings grant what files say, and leaves what else they grant unless told. */
export async function reconcile(context: CommandContext, flags: ReconcileFlags): Promise<void> {
  if (flags.filename.length === 0) throw new CommandError('must specify -f');
  const dryRun = readDryRun(flags.dryRun);
  if (dryRun === 'server') {
    throw new CommandError('--dry-run=server for command reconcile is not supported yet');
  }
  const isDry = dryRun === 'client';
  const format = await parseOutputFormat(flags.output);
  await using client = await openClient(context, flags);
  const failures: unknown[] = [];
  const files = readManifests(context, flags, (error) => failures.push(error));
  for await (const { object } of files) {
    const kind = kindOf(object);
    if (kind === undefined) continue;
    try {
      const wanted = inNamespace(object, kind, { client, flags });
      const done = await reconcileOne(
        { client, flags, isDry, signal: context.signal },
        kind,
        wanted,
      );
      await print(context, { format, flags, isDry }, kind, done);
    } catch (error) {
      failures.push(error);
    }
  }
  throwAll(failures);
}

type AnyKind = ResourceDescriptor<AnyRole> | ResourceDescriptor<AnyBinding>;

const group = 'rbac.authorization.k8s.io';

const kinds: ReadonlyMap<string, AnyKind> = new Map<string, AnyKind>([
  ['Role', Role],
  ['ClusterRole', ClusterRole],
  ['RoleBinding', RoleBinding],
  ['ClusterRoleBinding', ClusterRoleBinding],
]);

/** Undefined for what is no role and no binding, which kubectl passes over too. */
function kindOf({ apiVersion = '', kind = '' }: DynamicObject): AnyKind | undefined {
  if (!apiVersion.startsWith(`${group}/`)) return undefined;
  if (apiVersion !== `${group}/v1`) {
    throw new CommandError(`only ${group}/v1 is supported: not ${apiVersion} ${kind}`);
  }
  return kinds.get(kind);
}

function inNamespace(
  object: DynamicObject,
  { isNamespaced }: AnyKind,
  { client, flags }: { readonly client: Client; readonly flags: ReconcileFlags },
): DynamicObject {
  const { namespace: _, ...metadata } = object.metadata ?? {};
  if ((metadata.name ?? '') === '') throw new CommandError('an object has no name');
  if (!isNamespaced) return { ...object, metadata };
  const own = object.metadata?.namespace ?? '';
  if (own !== '' && flags.namespace !== undefined && own !== flags.namespace) {
    throw new CommandError(
      `the namespace from the provided object "${own}" does not match the namespace "${flags.namespace}". You must pass '--namespace=${own}' to perform this operation.`,
    );
  }
  return { ...object, metadata: { ...metadata, namespace: own === '' ? client.namespace : own } };
}

interface Task {
  readonly client: Client;
  readonly flags: ReconcileFlags;
  readonly isDry: boolean;
  readonly signal: AbortSignal;
}

type AnyObject = AnyRole | AnyBinding;

async function reconcileOne(
  { client, flags, isDry, signal }: Task,
  anyKind: AnyKind,
  wanted: DynamicObject,
): Promise<Reconciled<AnyObject>> {
  const kind = anyKind as ResourceDescriptor as ResourceDescriptor<AnyObject>;
  const { name = '', namespace } = wanted.metadata ?? {};
  const place = namespace === undefined ? { signal } : { namespace, signal };
  const existing = await client.find(kind, name, place);
  const done: Reconciled<AnyObject> = anyKind.kind.endsWith('Binding')
    ? reconcileBinding(wanted as unknown as AnyBinding, existing as AnyBinding | undefined, {
        removesExtra: flags.removeExtraSubjects === true,
      })
    : reconcileRole(wanted as AnyRole, existing as AnyRole | undefined, {
        removesExtra: flags.removeExtraPermissions === true,
      });
  if (isDry || done.isProtected || done.operation === 'none') return done;
  const write = async (): Promise<AnyObject> => {
    if (done.operation === 'update') return client.replace(kind, done.object, { signal });
    if (done.operation === 'recreate') {
      const uid = existing?.metadata?.uid;
      const condition = uid === undefined ? {} : { preconditions: { uid } };
      await client.delete(kind, name, { ...place, ...condition });
    }
    if (namespace !== undefined) await ensureNamespace(client, namespace, signal);
    return client.create(kind, done.object, { signal });
  };
  return { ...done, object: await write() };
}

async function ensureNamespace(client: Client, name: string, signal: AbortSignal): Promise<void> {
  try {
    await client.create(Namespace, { metadata: { name } }, { signal });
  } catch (error) {
    // Whoever may not make one finds out at the next write whether it is there.
    if (!isAlreadyExists(error) && !isForbidden(error)) throw error;
  }
}

async function print(
  { output }: CommandContext,
  {
    format,
    flags,
    isDry,
  }: {
    readonly format: OutputFormat;
    readonly flags: ReconcileFlags;
    readonly isDry: boolean;
  },
  { kind, group: groupName, version }: AnyKind,
  done: Reconciled<AnyObject>,
): Promise<void> {
  const name = `${kind.toLowerCase()}.${groupName}/${done.object.metadata?.name ?? ''}`;
  if (format.kind === 'document') {
    const { metadata, ...object } = done.object;
    const { managedFields: _, ...shown } = metadata ?? {};
    const apiVersion = `${groupName}/${version}`;
    await output.write(format.format({ ...object, apiVersion, kind, metadata: shown }));
  } else {
    const said = format.kind === 'name' ? '' : ' reconciled';
    await output.write(`${name}${said}${isDry ? ' (dry run)' : ''}\n`);
  }
  if (done.operation === 'none') return;
  const caveat = done.isProtected
    ? ', but object opted out (rbac.authorization.kubernetes.io/autoupdate: false)'
    : '';
  const lines = [
    `\treconciliation required ${done.operation}${caveat}`,
    ...section('missing subjects added', done.missingSubjects.map(subjectText)),
    ...(flags.removeExtraSubjects === true
      ? section('extra subjects removed', done.extraSubjects.map(subjectText))
      : []),
    ...section('missing rules added', done.missingRules.map(ruleText)),
    ...(flags.removeExtraPermissions === true
      ? section('extra rules removed', done.extraRules.map(ruleText))
      : []),
  ];
  await output.writeError(lines.map((line) => `${line}\n`).join(''));
}

function section(title: string, texts: readonly string[]): readonly string[] {
  return texts.length === 0 ? [] : [`\t${title}:`, ...texts.map((text) => `\t\t${text}`)];
}

function subjectText({ kind, apiGroup = '', name, namespace = '' }: Subject): string {
  return `{Kind:${kind} APIGroup:${apiGroup} Name:${name} Namespace:${namespace}}`;
}
