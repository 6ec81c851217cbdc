import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

import { writeJsonText } from './write-json-text.ts';

/** The parts of an aggregated discovery document that are kept. */
interface AggregatedDiscovery {
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources: readonly AggregatedResource[];
    }[];
  }[];
}

interface ResponseKind {
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
}

interface AggregatedResource {
  readonly resource: string;
  readonly singularResource: string;
  readonly responseKind: ResponseKind;
  readonly scope: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly {
    readonly subresource: string;
    readonly responseKind: ResponseKind;
    readonly verbs: readonly string[];
  }[];
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/**
 * Makes `discovery-data.ts` from the aggregated discovery of `/api` and `/apis` in one file,
 * `{"api": …, "apis": …}`, and the `APIResourceList` documents beside it (`raw_api*.txt`), which
 * alone know the storage version hashes.
 */
export async function writeDiscovery(file: string): Promise<string> {
  const documents = JSON.parse(await readFile(file, 'utf8')) as {
    readonly api: AggregatedDiscovery;
    readonly apis: AggregatedDiscovery;
  };
  const hashes = await readStorageVersionHashes(path.dirname(file));
  const groups = [...documents.api.items, ...documents.apis.items].map(({ metadata, versions }) => {
    const group = metadata.name ?? '';
    return {
      group,
      versions: versions.map(({ version, resources }) => ({
        version,
        resources: resources.map((resource) =>
          encodeResource(resource, { group, version }, hashes),
        ),
      })),
    };
  });
  return writeJsonText('discoveryJson', { groups });
}

function encodeResource(
  resource: AggregatedResource,
  within: GroupVersion,
  hashes: ReadonlyMap<string, string>,
): object {
  const hash = hashes.get(`${within.group}/${within.version}/${resource.resource}`);
  return {
    plural: resource.resource,
    singular: resource.singularResource,
    kind: resource.responseKind.kind,
    isNamespaced: resource.scope === 'Namespaced',
    verbs: resource.verbs,
    shortNames: resource.shortNames ?? [],
    categories: resource.categories ?? [],
    ...(hash === undefined ? {} : { storageVersionHash: hash }),
    subresources: (resource.subresources ?? []).map(({ subresource, responseKind, verbs }) => ({
      name: subresource,
      responseKind: fullKind(responseKind, within),
      verbs,
    })),
  };
}

/** Discovery leaves group and version empty where they are those of the resource. */
function fullKind(kind: ResponseKind, within: GroupVersion): object {
  const isOwn = (kind.group ?? '') === '' && (kind.version ?? '') === '';
  const { group, version } = isOwn ? within : kind;
  return { group: group ?? '', version: version ?? '', kind: kind.kind };
}

async function readStorageVersionHashes(folder: string): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const file of (await readdir(folder)).sort()) {
    if (!/^raw_apis?_.*\.txt$/.test(file)) continue;
    const list = JSON.parse(await readFile(path.join(folder, file), 'utf8')) as {
      readonly groupVersion?: string;
      readonly resources?: readonly {
        readonly name: string;
        readonly storageVersionHash?: string;
      }[];
    };
    const groupVersion = list.groupVersion?.includes('/')
      ? list.groupVersion
      : `/${list.groupVersion}`;
    for (const { name, storageVersionHash } of list.resources ?? []) {
      if (storageVersionHash !== undefined)
        hashes.set(`${groupVersion}/${name}`, storageVersionHash);
    }
  }
  return hashes;
}
