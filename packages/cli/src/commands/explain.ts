import { type DiscoveredResource, type Discovery, createDiscovery } from '@fairway/client';
import { apiVersionOf } from '@fairway/protocol';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { fieldText, headText } from '../explain/field-text.ts';
import { findField } from '../explain/find-field.ts';
import { readKindSchema } from '../explain/read-kind-schema.ts';

export interface ExplainFlags extends ClusterFlags {
  readonly recursive?: boolean;
  readonly apiVersion?: string;
  readonly output: string;
}

/** Tells what a type is, or a field of it, as the server documents it. */
export async function explain(
  context: CommandContext,
  types: readonly string[],
  flags: ExplainFlags,
): Promise<void> {
  const [word, ...more] = types;
  if (word === undefined) {
    throw new CommandError(
      'You must specify the type of resource to explain, such as `fairway explain pods`; `fairway api-resources` shows what there is',
    );
  }
  if (more.length > 0) throw new CommandError('We accept only this format: explain RESOURCE');
  if (flags.output !== 'plaintext') {
    throw new CommandError(`unrecognized format: ${flags.output}; write plaintext`);
  }
  await using client = await openClient(context, flags);
  const discovery = createDiscovery(client);
  const { resource, path } = await findType(discovery, word, flags.apiVersion ?? '');
  const { output, signal } = context;
  const kind = await readKindSchema(client, resource, signal);
  await output.write(headText(resource));
  const field = findField(kind, path);
  await output.write(fieldText(kind.schemas, field, { isRecursive: flags.recursive === true }));
}

interface NamedType {
  readonly resource: DiscoveredResource;
  readonly path: readonly string[];
}

/** A word names a type, with its group where that is needed, and then a field: `deployments.apps.spec`. */
async function findType(
  discovery: Discovery,
  word: string,
  apiVersion: string,
): Promise<NamedType> {
  const parts = word.split('.');
  const [type = ''] = parts;
  // The longest name is meant: a group has dots too.
  for (let length = parts.length; length > 0; length -= 1) {
    const name = parts.slice(0, length).join('.');
    const resource = await findKnown(discovery, name);
    if (resource === undefined) continue;
    const path = parts.slice(length);
    return { resource: await inVersion(discovery, resource, apiVersion), path };
  }
  throw new CommandError(`the server doesn't have a resource type "${type}"`);
}

/** Without asking the server anew for what is a field. */
async function findKnown(
  discovery: Discovery,
  name: string,
): Promise<DiscoveredResource | undefined> {
  await discovery.resources();
  return await discovery.find(name);
}

async function inVersion(
  discovery: Discovery,
  resource: DiscoveredResource,
  apiVersion: string,
): Promise<DiscoveredResource> {
  if (apiVersion === '') return resource;
  const found = (await discovery.resources()).find(
    (each) => each.plural === resource.plural && apiVersionOf(each) === apiVersion,
  );
  if (found !== undefined) return found;
  throw new CommandError(
    `couldn't find resource for "${apiVersion}, Resource=${resource.plural}"; \`fairway api-versions\` shows what versions there are`,
  );
}
