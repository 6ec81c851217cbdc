import { createHash } from 'node:crypto';
import { giveWay } from '@fairway/host';
import type { ServedResource } from '../registry/served-resource.ts';
import type { DocumentPart, DocumentParts } from './document-parts.ts';
import { type OpenApiPath, referenceTo } from './open-api-document.ts';
import { groupTag, titleOf } from './operation-names.ts';
import { rootOf } from './resource-paths.ts';

/** A document as it is sent, and the tag that changes when it does. */
export interface EncodedDocument {
  /** In pieces, which documents share with each other. */
  readonly pieces: readonly Uint8Array[];
  /** In hexadecimal; the same bytes have the same one. */
  readonly hash: string;
}

/** The resources of each group version that a document describes. */
export type GroupVersions = Iterable<readonly ServedResource[]>;

/**
 * Puts together a document of all that `groupVersions` serve and of the definitions that this points
 * at, directly and through others. Gives way between the parts, which it makes where they are
 * missing.
 */
export async function makeDocument(
  groupVersions: GroupVersions,
  parts: DocumentParts,
): Promise<EncodedDocument> {
  const paths: DocumentPart[] = [];
  const custom = new Map<string, DocumentPart>();
  for (const resources of groupVersions) {
    const own: DocumentPart[] = [];
    const [first] = resources;
    if (first !== undefined) own.push(parts.path(`${rootOf(first)}/`, discoveryPath(first)));
    for (const resource of resources) {
      await giveWay();
      const made = parts.of(resource);
      own.push(...made.paths);
      for (const definition of made.definitions) custom.set(definition.name, definition);
    }
    paths.push(...own.sort(byName));
  }
  const reached = await reachable(paths, (name) => custom.get(name) ?? parts.definition(name));
  return tagged(parts.join(paths, reached.sort(byName)));
}

async function reachable(
  roots: readonly DocumentPart[],
  find: (name: string) => DocumentPart | undefined,
): Promise<DocumentPart[]> {
  const reached = new Map<string, DocumentPart>();
  const pending = [...roots];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    await giveWay();
    for (const name of part.references) {
      const found = reached.has(name) ? undefined : find(name);
      if (found === undefined) continue;
      reached.set(name, found);
      pending.push(found);
    }
  }
  return [...reached.values()];
}

/** Gives a document the tag of its bytes. */
export async function tagged(pieces: readonly Uint8Array[]): Promise<EncodedDocument> {
  const hash = createHash('sha512');
  for (const piece of pieces) {
    await giveWay();
    hash.update(piece);
  }
  return { pieces, hash: hash.digest('hex').toUpperCase() };
}

function byName(one: DocumentPart, other: DocumentPart): number {
  return one.name < other.name ? -1 : 1;
}

const resourceList = 'io.k8s.apimachinery.pkg.apis.meta.v1.APIResourceList';

function discoveryPath(resource: ServedResource): OpenApiPath {
  const tag = groupTag(resource);
  const schema = referenceTo(resourceList);
  const content = { 'application/json': { schema }, 'application/yaml': { schema } };
  return {
    get: {
      tags: [tag],
      operationId: `get${titleOf(tag)}APIResources`,
      responses: {
        '200': { description: 'OK', content },
        '401': { description: 'Unauthorized' },
      },
    },
    parameters: [],
  };
}
