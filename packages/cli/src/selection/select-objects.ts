import {
  type Client,
  type DiscoveredResource,
  type Discovery,
  type DynamicObject,
  type NamespaceOption,
  createDiscovery,
} from '@fairway/client';
import { apiVersionOf, matchesLabelSelector } from '@fairway/protocol';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { parseResourceArguments } from './parse-resource-arguments.ts';
import { readManifests } from './read-manifests.ts';
import { resolveResources, resourceOf } from './resolve-resources.ts';
import { type SelectionFlags, readLabelSelector } from './selection-flags.ts';

/** An object that the user means: named in words, written in a file, or selected on the server. */
export interface SelectedObject {
  readonly resource: DiscoveredResource;
  /** Empty for one whose name the server is to choose. */
  readonly name: string;
  /** Undefined for what is in no namespace. */
  readonly namespace: string | undefined;
  /** As the file has it, or the server; undefined where a name is all that is known. */
  readonly object: DynamicObject | undefined;
  /** The file or URL that it is from, `STDIN`, or undefined. */
  readonly source: string | undefined;
}

/** Who asks for objects, and by which flags. */
export interface Selecting {
  readonly context: CommandContext;
  readonly client: Client;
  readonly flags: ClusterFlags & SelectionFlags;
  /** One discovery for all that a command does. */
  readonly discovery: Discovery;
  /** Of commands that only read: a type alone means all its objects, and so many are asked for at a time. */
  readonly reading?: { readonly chunkSize: number };
}

/** Puts together what selecting takes. Sends nothing. */
export function selecting(
  context: CommandContext,
  client: Client,
  flags: ClusterFlags & SelectionFlags,
): Selecting {
  return { context, client, flags, discovery: createDiscovery(client) };
}

/**
 * The objects that words, files and selectors mean, one by one. What is wrong with one of them goes to
 * `onFailure`, and the others come all the same.
 *
 * Errors: `CommandError` where it is not clear what is meant; nothing has been sent then.
 */
export function selectObjects(
  task: Selecting,
  words: readonly string[],
  onFailure: (error: unknown) => void,
): AsyncGenerator<SelectedObject> {
  const { flags } = task;
  if (!isOfFiles(flags)) return byWords(task, words, onFailure);
  if (words.length > 0) {
    throw new CommandError(
      'when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well',
    );
  }
  return byFiles(task, onFailure);
}

/** Where a call finds it. */
export function placeOf({ namespace }: SelectedObject): NamespaceOption {
  return namespace === undefined ? {} : { namespace };
}

function isOfFiles({ filename = [], kustomize }: SelectionFlags): boolean {
  return filename.length > 0 || kustomize !== undefined;
}

async function* byFiles(
  { context, client, flags, discovery }: Selecting,
  onFailure: (error: unknown) => void,
): AsyncGenerator<SelectedObject> {
  const { selector = '', namespace: wanted } = flags;
  const labels = readLabelSelector('--selector', selector);
  for await (const { object, source } of readManifests(context, flags, onFailure)) {
    const { metadata = {} } = object;
    if (!matchesLabelSelector(labels, metadata.labels ?? {})) continue;
    try {
      const resource = await resourceOf(discovery, object);
      const namespace = namespaceOf(resource, metadata.namespace, { client, wanted });
      const placed =
        namespace === undefined ? object : { ...object, metadata: { ...metadata, namespace } };
      yield { resource, name: metadata.name ?? '', namespace, object: placed, source };
    } catch (error) {
      onFailure(withSource(error, source));
    }
  }
}

function namespaceOf(
  { isNamespaced }: DiscoveredResource,
  own = '',
  { client, wanted }: { readonly client: Client; readonly wanted: string | undefined },
): string | undefined {
  if (!isNamespaced) return undefined;
  if (own !== '' && wanted !== undefined && own !== wanted) {
    throw new CommandError(
      `the namespace from the provided object "${own}" does not match the namespace "${wanted}". You must pass '--namespace=${own}' to perform this operation.`,
    );
  }
  return own === '' ? client.namespace : own;
}

function withSource(error: unknown, source: string): unknown {
  if (!(error instanceof CommandError)) return error;
  return new CommandError(`${source}: ${error.message}`, { cause: error });
}

async function* byWords(
  task: Selecting,
  words: readonly string[],
  onFailure: (error: unknown) => void,
): AsyncGenerator<SelectedObject> {
  const { client, discovery } = task;
  if (words.length === 0) throw new CommandError(nothingNamed);
  const named = parseResourceArguments(words);
  checkSelection(
    task,
    named.some(({ names }) => names.length > 0),
  );
  for (const { resource, names } of await resolveResources(discovery, named)) {
    const namespace = resource.isNamespaced ? client.namespace : undefined;
    for (const name of names) {
      yield { resource, name, namespace, object: undefined, source: undefined };
    }
    if (names.length === 0) yield* listed(task, resource, onFailure);
  }
}

const nothingNamed =
  'You must provide one or more resources by argument or filename: -f FILE, TYPE NAME, TYPE/NAME, or TYPE with -l or --all';

function checkSelection({ flags, reading }: Selecting, hasNames: boolean): void {
  const hasSelector = (flags.selector ?? '') !== '' || (flags.fieldSelector ?? '') !== '';
  const isAll = flags.all === true;
  if (isAll && (flags.selector ?? '') !== '') {
    throw new CommandError("setting 'all' parameter but found a non empty selector; leave out one");
  }
  if (hasNames && flags.allNamespaces === true) {
    throw new CommandError('a resource cannot be retrieved by name across all namespaces');
  }
  if (hasNames && (hasSelector || isAll)) {
    throw new CommandError('name cannot be provided when a selector is specified');
  }
  if (!hasNames && !hasSelector && !isAll && reading === undefined) {
    throw new CommandError(
      'resource(s) were provided, but no name was specified; name some, or select with -l, --field-selector or --all',
    );
  }
}

async function* listed(
  { client, flags, context, reading }: Selecting,
  resource: DiscoveredResource,
  onFailure: (error: unknown) => void,
): AsyncGenerator<SelectedObject> {
  const { selector, fieldSelector, allNamespaces } = flags;
  const list = client.list(resource, {
    signal: context.signal,
    ...(selector === undefined ? {} : { labelSelector: selector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(allNamespaces === true ? { allNamespaces } : {}),
    ...(reading === undefined ? {} : { limit: reading.chunkSize }),
  });
  try {
    for await (const object of list) {
      const { name = '', namespace } = object.metadata ?? {};
      const whole = { apiVersion: apiVersionOf(resource), kind: resource.kind, ...object };
      yield { resource, name, namespace, object: whole, source: undefined };
    }
  } catch (error) {
    if (context.signal.aborted) throw error;
    onFailure(error);
  }
}
