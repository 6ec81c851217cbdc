import { basename, dirname, join, posix, resolve } from 'node:path';
import { copyFromPod, copyToPod, exec } from '@fairway/client/streams';
import type { Client } from '@fairway/client';
import { messageOf } from '@fairway/host';
import { Pod } from '@fairway/kinds/core/v1';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { type RemoteFile, readFileSpec } from '../pods/file-spec.ts';
import { pickContainer } from '../pods/pick-container.ts';

export interface CpFlags extends ClusterFlags {
  readonly container?: string;
  /** False: as of any new file. */
  readonly preserve?: boolean;
  readonly retries: string;
}

/** Copies a file or folder into a container, or out of one. */
export async function cp(
  context: CommandContext,
  words: readonly string[],
  flags: CpFlags,
): Promise<void> {
  const [from, to] = words.map(readFileSpec);
  if (from === undefined || to === undefined || words.length > 2) {
    throw new CommandError('source and destination are required: SOURCE DESTINATION');
  }
  const retriesMax = readRetries(flags.retries);
  if (from.pod !== undefined && to.pod !== undefined) {
    throw new CommandError('one of src or dest must be a local file specification');
  }
  if (from.pod === undefined && to.pod === undefined) {
    throw new CommandError(
      'one of src or dest must be a remote file specification: POD:FILE or NAMESPACE/POD:FILE',
    );
  }
  if (from.path === '' || to.path === '')
    throw new CommandError('filepath can not be empty: name a file after the colon');
  await using client = await openClient(context, flags);
  const task = { context, client, flags };
  if (from.pod !== undefined)
    await copyOut(task, { ...from, pod: from.pod }, { to: to.path, retriesMax });
  else if (to.pod !== undefined) await copyIn(task, from.path, { ...to, pod: to.pod });
}

interface CopyTask {
  readonly context: CommandContext;
  readonly client: Client;
  readonly flags: CpFlags;
}

async function copyOut(
  task: CopyTask,
  remote: RemoteFile,
  { to, retriesMax }: { readonly to: string; readonly retriesMax: number },
): Promise<void> {
  const { context, client } = task;
  const { files, environment } = context.host;
  const target = resolve(environment.workingDirectory, to);
  const isFolder = (await files.stat(target))?.isDirectory === true;
  const place = await placeOf(task, remote);
  const onSkipped = skippedIn(context);
  await copyFromPod(client, remote.pod, {
    ...place,
    from: remote.path,
    to: dirname(target),
    name: (kind) =>
      kind === 'file' && isFolder
        ? join(basename(target), posix.basename(remote.path))
        : basename(target),
    retriesMax,
    onRetry: (failure) => void context.output.writeError(`Resuming copy: ${messageOf(failure)}\n`),
    onSkipped,
  });
}

async function copyIn(task: CopyTask, from: string, remote: RemoteFile): Promise<void> {
  const { context, client, flags } = task;
  const { files, environment } = context.host;
  const source = resolve(environment.workingDirectory, from);
  if ((await files.stat(source)) === undefined) {
    throw new CommandError(`${from} doesn't exist in local filesystem`);
  }
  const place = await placeOf(task, remote);
  const target = remote.path.replace(/(?<=.)\/+$/, '');
  await using test = await exec(client, remote.pod, { ...place, command: ['test', '-d', target] });
  for await (const _ of test.stdout);
  const isFolder = (await test.exited).code === 0;
  await copyToPod(client, remote.pod, {
    ...place,
    from: source,
    ...(isFolder ? { to: target } : { to: posix.dirname(target), name: posix.basename(target) }),
    isPlain: flags.preserve === false,
    onSkipped: skippedIn(context),
  });
}

function skippedIn({ output }: CommandContext): (path: string) => void {
  return (path) =>
    void output.writeError(`warning: skipping ${JSON.stringify(path)}: a link or a device\n`);
}

/** Where the container is that is meant. */
async function placeOf(
  { context, client, flags }: CopyTask,
  { namespace = client.namespace, pod: name }: RemoteFile,
) {
  const { signal, output } = context;
  const pod = await client.get(Pod, name, { namespace, signal });
  const { name: container, note } = pickContainer(pod, flags.container || undefined);
  if (note !== undefined) await output.writeError(note);
  return { namespace, container, signal };
}

function readRetries(text: string): number {
  if (!/^-?\d{1,9}$/.test(text)) {
    throw new CommandError(
      `--retries ${JSON.stringify(text)} is no number; below 0 is without end`,
    );
  }
  return Number(text) < 0 ? Number.POSITIVE_INFINITY : Number(text);
}
