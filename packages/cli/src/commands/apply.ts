import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { type Applying, applyObject, checkApplied } from '../apply/client-side-apply.ts';
import { type Pruning, prune, readPrunedType } from '../apply/prune.ts';
import { schemaReader } from '../apply/schema-reader.ts';
import { applyOnServer } from '../apply/server-side-apply.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { truthOf } from '../flag-values.ts';
import { togetherPrinter } from '../output/print-outcome.ts';
import { type SelectedObject, selecting } from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { visitObjects } from '../selection/visit-objects.ts';
import { readCascade } from '../writes/read-cascade.ts';
import { type WriteFlags, readWriting } from '../writes/write-flags.ts';

export interface ApplyFlags extends ClusterFlags, SelectionFlags, WriteFlags {
  readonly serverSide?: boolean;
  readonly forceConflicts?: boolean;
  readonly overwrite?: string | boolean;
  readonly force?: boolean;
  readonly cascade?: string | boolean;
  readonly prune?: boolean;
  readonly pruneAllowlist?: readonly string[];
}

/** Makes what is there as files say it. */
export async function apply(
  context: CommandContext,
  words: readonly string[],
  flags: ApplyFlags,
): Promise<void> {
  checkFlags(words, flags);
  const allowlist = (flags.pruneAllowlist ?? []).map(readPrunedType);
  const isOnServer = flags.serverSide === true;
  const fieldManager = flags.fieldManager ?? (isOnServer ? 'kubectl' : 'kubectl-client-side-apply');
  const { dryRun, options } = await readWriting(context, { ...flags, fieldManager });
  if (isOnServer && dryRun === 'client') {
    throw new CommandError(
      "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)",
    );
  }
  const printer = await togetherPrinter(context.output, flags, dryRun);
  await using client = await openClient(context, flags);
  const task = selecting(context, client, flags);
  const isForced = (isOnServer ? flags.forceConflicts : flags.force) === true;
  const schemaOf = schemaReader();
  const applying: Applying = { context, client, dryRun, options, schemaOf, isForced };
  const uids = new Set<string>();
  const namespaces = new Set<string>();
  const visit = async (selected: SelectedObject): Promise<void> => {
    checkApplied(selected);
    const { object, operation } = isOnServer
      ? { object: await applyOnServer(applying, selected), operation: 'serverside-applied' }
      : await applyObject(applying, selected);
    uids.add(object.metadata?.uid ?? '');
    if (selected.namespace !== undefined) namespaces.add(selected.namespace);
    await printer.print({ resource: selected.resource, object, operation });
  };
  const count = await visitObjects(task, [], { doing: 'applying', visit });
  if (count === 0) throw new CommandError('no objects passed to apply');
  if (flags.prune === true) {
    const pruning: Pruning = {
      context,
      client,
      discovery: task.discovery,
      dryRun,
      selector: flags.selector,
      allowlist,
      namespaces,
      uids,
      propagationPolicy: readCascade(flags.cascade),
      print: (resource, object) => printer.print({ resource, object, operation: 'pruned' }),
    };
    await prune(pruning);
  }
  await printer.end();
}

function checkFlags(words: readonly string[], flags: ApplyFlags): void {
  const { serverSide, prune: isPruning, selector = '', all } = flags;
  if (words.length > 0) {
    throw new CommandError(
      `apply takes no ${words.join(' ')}: name files with -f; beside it there are \`fairway apply view-last-applied\` and \`fairway apply set-last-applied\``,
    );
  }
  if (flags.filename === undefined && flags.kustomize === undefined) {
    throw new CommandError('must specify -f FILE, a folder, a URL, or - for the input');
  }
  if (serverSide !== true && flags.forceConflicts === true) {
    throw new CommandError('--force-conflicts only works with --server-side');
  }
  if (serverSide === true && flags.force === true) {
    throw new CommandError(
      '--force cannot be used with --server-side; --force-conflicts takes over fields of others',
    );
  }
  if (truthOf('--overwrite', flags.overwrite) === false) {
    throw new CommandError(
      '--overwrite=false is not built: --server-side without --force-conflicts refuses to change what others have set',
    );
  }
  if (isPruning !== true) return;
  if (flags.force === true) throw new CommandError('--force cannot be used with --prune');
  if (all === true && selector !== '') {
    throw new CommandError('cannot set --all and --selector at the same time');
  }
  if (all !== true && selector === '') {
    throw new CommandError(
      'all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector',
    );
  }
}
