import {
  type Client,
  type DiscoveredResource,
  type PartialObjectMetadata,
  type UnknownVersion,
  createDiscovery,
  isNotFound,
} from '@fairway/client';
import { messageOf } from '@fairway/host';
import { ApiError, apiVersionOf } from '@fairway/protocol';
import type { ContentReport } from './namespace-conditions.ts';

/** What is left of a namespace, and when it may be worth to look again. */
export interface ContentOutcome extends ContentReport {
  readonly isEmpty: boolean;
  /** How long the pods that are left may still take. */
  readonly graceSeconds: number;
}

/**
 * Deletes what is in a namespace: pods first, and everything else, custom resources included, when
 * they are gone. What happened is answered, also what failed.
 */
export async function deleteContent(
  client: Client,
  namespace: string,
  signal: AbortSignal,
): Promise<ContentOutcome> {
  const draft = new OutcomeDraft();
  let resources: readonly DiscoveredResource[];
  try {
    const survey = await createDiscovery(client).survey({ signal });
    resources = deletableResources(survey.resources);
    // What is known goes all the same; the namespace stays until everything is.
    draft.discoveryFailure = failureOf(survey.unknown);
  } catch (error) {
    signal.throwIfAborted();
    draft.discoveryFailure = `Discovery failed for some groups: ${messageOf(error)}`;
    return draft.outcome();
  }
  const emptying = { client, namespace, signal, draft };
  const [pods, others] = [resources.filter(isPod), resources.filter((each) => !isPod(each))];
  for (const resource of pods) await empty(emptying, resource);
  if (draft.hasNothingLeft) for (const resource of others) await empty(emptying, resource);
  return draft.outcome();
}

/** Source: client-go, ErrGroupDiscoveryFailed; kube-controller-manager, ProcessDiscoverResourcesErr. */
function failureOf(unknown: readonly UnknownVersion[]): string {
  if (unknown.length === 0) return '';
  const all = unknown.map((each) => `${apiVersionOf(each)}: ${each.why}`).sort();
  const list = `unable to retrieve the complete list of server APIs: ${all.join(', ')}`;
  return `Discovery failed for some groups, ${unknown.length} failing: ${list}`;
}

interface Emptying {
  readonly client: Client;
  readonly namespace: string;
  readonly signal: AbortSignal;
  readonly draft: OutcomeDraft;
}

class OutcomeDraft {
  discoveryFailure = '';
  readonly failures: string[] = [];
  readonly remaining = new Map<string, number>();
  readonly finalizers = new Map<string, number>();
  graceSeconds = 0;

  get hasNothingLeft(): boolean {
    return this.failures.length === 0 && this.remaining.size === 0;
  }

  get isEmpty(): boolean {
    return this.discoveryFailure === '' && this.hasNothingLeft;
  }

  outcome(): ContentOutcome {
    const { discoveryFailure, failures, remaining, finalizers, graceSeconds, isEmpty } = this;
    const contentFailure =
      failures.length === 0
        ? ''
        : `Failed to delete all resource types, ${failures.length} remaining: ${failures.join(', ')}`;
    return { discoveryFailure, contentFailure, remaining, finalizers, graceSeconds, isEmpty };
  }
}

async function empty(emptying: Emptying, resource: DiscoveredResource): Promise<void> {
  const { signal, draft } = emptying;
  try {
    if ((await listContent(emptying, resource)).length === 0) return;
    await deleteAll(emptying, resource);
    count(draft, resource, await listContent(emptying, resource));
  } catch (error) {
    signal.throwIfAborted();
    // A resource that is served no longer has nothing to delete.
    if (isNotFound(error)) return;
    draft.failures.push(messageOf(error));
  }
}

async function listContent(
  { client, namespace, signal }: Emptying,
  resource: DiscoveredResource,
): Promise<readonly PartialObjectMetadata[]> {
  if (!resource.verbs.includes('list')) return [];
  return (await client.list(resource, { namespace, signal, as: 'metadata' }).all()).items;
}

async function deleteAll(emptying: Emptying, resource: DiscoveredResource): Promise<void> {
  const { client, namespace, signal } = emptying;
  const options = { namespace, signal, propagationPolicy: 'Background' as const };
  if (resource.verbs.includes('deletecollection')) {
    try {
      return await client.deleteCollection(resource, options);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 405) throw error;
    }
  }
  for (const { metadata } of await listContent(emptying, resource)) {
    try {
      await client.delete(resource, metadata.name ?? '', options);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

function count(
  draft: OutcomeDraft,
  resource: DiscoveredResource,
  left: readonly PartialObjectMetadata[],
): void {
  if (left.length === 0) return;
  draft.remaining.set(`${resource.plural}.${resource.group}`, left.length);
  for (const { metadata } of left) {
    for (const finalizer of metadata.finalizers ?? []) {
      draft.finalizers.set(finalizer, (draft.finalizers.get(finalizer) ?? 0) + 1);
    }
    const { deletionGracePeriodSeconds = 0 } = metadata;
    if (isPod(resource))
      draft.graceSeconds = Math.max(draft.graceSeconds, Number(deletionGracePeriodSeconds));
  }
}

/** Each resource that can be emptied, once: in the version that the server prefers. */
function deletableResources(
  resources: readonly DiscoveredResource[],
): readonly DiscoveredResource[] {
  const first = new Map<string, DiscoveredResource>();
  for (const resource of resources) {
    if (!resource.isNamespaced || !resource.verbs.includes('delete')) continue;
    const key = `${resource.group}/${resource.plural}`;
    if (!first.has(key)) first.set(key, resource);
  }
  return [...first.values()];
}

function isPod({ group, plural }: DiscoveredResource): boolean {
  return group === '' && plural === 'pods';
}
