import { createHash } from 'node:crypto';
import { giveWay } from '@fairway/host';
import { groupVersionPath } from '@fairway/protocol';
import type { ServedResource } from '../registry/served-resource.ts';
import type { DocumentPart, DocumentParts, PathPart } from './document-parts.ts';
import type { ExtensionDocument } from './extension-documents.ts';
import { type OpenApiPath, referenceTo } from './open-api-document.ts';
import { groupTag, titleOf } from './operation-names.ts';

/** A document as it is sent, and the tag that changes when it does. */
export interface EncodedDocument {
  /** In pieces, which documents share with each other. */
  readonly pieces: readonly Uint8Array[];
  /** In hexadecimal; the same bytes have the same one. */
  readonly hash: string;
}

/** What a document is about. */
export interface DocumentContent {
  /** Where it lies below `/openapi/v3/`; undefined for that of all groups together. */
  readonly path: string | undefined;
  /** Which built-in documents it holds. */
  readonly builtIn: readonly string[];
  /** The custom resources of each group version. */
  readonly custom: Iterable<readonly ServedResource[]>;
  /** What servers behind services say of theirs; nothing when absent. */
  readonly extensions?: readonly ExtensionDocument[];
}

/**
 * Puts together a document of all that is served and of the definitions that this points at,
 * directly and through others. Gives way between the parts, which it makes where they are
 * missing.
 */
export async function makeDocument(
  { path, builtIn, custom, extensions = [] }: DocumentContent,
  parts: DocumentParts,
): Promise<EncodedDocument> {
  const paths: PathPart[] = [];
  const own = new Map<string, DocumentPart>();
  for (const document of builtIn) {
    for (const part of parts.builtInPaths(document)) {
      await giveWay();
      paths.push(part);
    }
  }
  for (const resources of custom) {
    const [first] = resources;
    if (first !== undefined)
      paths.push(parts.path(`${groupVersionPath(first)}/`, discoveryPath(first)));
    for (const resource of resources) {
      await giveWay();
      const made = parts.of(resource);
      paths.push(...made.paths);
      for (const definition of made.definitions) own.set(definition.name, definition);
    }
  }
  for (const extension of extensions) {
    for (const part of parts.pathsOf(extension)) {
      await giveWay();
      paths.push(part);
    }
    for (const definition of parts.definitionsOf(extension)) {
      await giveWay();
      const isKnown = own.has(definition.name) || parts.definition(definition.name, path);
      if (!isKnown) own.set(definition.name, definition);
    }
  }
  const reached = await reachable(paths, (name) => own.get(name) ?? parts.definition(name, path));
  return tagged(parts.join(paths.sort(byName), reached.sort(byName)));
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
      description: 'get available resources',
      operationId: `get${titleOf(tag)}APIResources`,
      responses: {
        '200': { description: 'OK', content },
        '401': { description: 'Unauthorized' },
      },
    },
  };
}
