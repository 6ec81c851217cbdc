import { createHash } from 'node:crypto';
import { runInTurns } from '@fairway/host';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
} from '@fairway/kinds/apiextensions/v1';
import type { OpenApiSchema } from '@fairway/kinds/schema';
import type { KubernetesObject, Schema } from '@fairway/protocol';
import { compareVersions } from '../discovery/compare-versions.ts';
import { type KindRules, customResourceStrategy } from '@fairway/kind-rules';
import { objectBytesMax } from '../storage/object-limits.ts';
import { oneByOne } from '../registry/conversion.ts';
import type { ServedResource, ServedSubresource, StoredAs } from '../registry/served-resource.ts';
import { applySchemaDefaults, hasRules, pruneToSchema, structuralSchema } from '@fairway/schema';
import type { RuleNode } from '@fairway/schema/rules';
import { type ConversionParts, convertByWebhook } from './webhook-conversion.ts';
import { customResourceColumns } from './custom-resource-columns.ts';
import { customResourceRules } from './custom-resource-rules.ts';
import { resourcePrefix } from '../storage/storage-key.ts';

/**
 * What a definition asks to be served, one resource a version. While the definition is going away,
 * no objects are created.
 */
export function customResources(
  definition: CustomResourceDefinition,
  schemas: CustomSchemas,
  parts: ConversionParts,
): readonly ServedResource[] {
  const convert = conversionOf(definition, parts);
  return definition.spec.versions
    .filter(({ served }) => served)
    .map((version) => customResource(definition, version, { ...schemas, convert }));
}

/** Where the schemas of a definition come from: they are large, and most are not used. */
export interface CustomSchemas {
  /** What the author wrote for a version. */
  readonly schemaOf: (version: string) => OpenApiSchema;
  /** The metadata of every object. */
  readonly objectMeta: Schema;
}

/** The schema of a version as its author wrote it. */
export function versionSchema({ spec }: CustomResourceDefinition, version: string): OpenApiSchema {
  const found = spec.versions.find(({ name }) => name === version);
  return (found?.schema?.openAPIV3Schema ?? { type: 'object' }) as OpenApiSchema;
}

/** `/registry/stable.example.com/crontabs/` */
export function customStoragePrefix({ spec }: CustomResourceDefinition): string {
  return resourcePrefix({ group: spec.group, plural: spec.names.plural });
}

const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

/** Objects of a definition that is going away may still lose their finalizers. */
const createRefusal = 'create not allowed while custom resource definition is terminating';

function customResource(
  definition: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  { schemaOf, objectMeta, convert }: CustomSchemas & { readonly convert: ConvertObjects },
): ServedResource {
  const { group, names, scope } = definition.spec;
  const openApiSchema = (): OpenApiSchema => schemaOf(version.name);
  const linked = {
    written: once(() => structuralSchema(openApiSchema())),
    whole: once(() => structuralSchema(openApiSchema(), objectMeta)),
  };
  const isTerminating = definition.metadata?.deletionTimestamp !== undefined;
  const warning = deprecationWarning(definition, version);
  return {
    group,
    version: version.name,
    kind: names.kind,
    plural: names.plural,
    isNamespaced: scope === 'Namespaced',
    singular: names.singular ?? names.kind.toLowerCase(),
    listKind: names.listKind ?? `${names.kind}List`,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    verbs,
    storageVersionHash: storageVersionHash(definition),
    subresources: subresources(definition, version),
    storage: storedAs(definition, version, { ...linked, convert }),
    get schema() {
      return linked.whole();
    },
    openApiSchema,
    unknownFields: 'kept-where-schema-says',
    // The rules fit every object of this resource, which the types cannot express.
    rules: customResourceRules(version, {
      schema: linked.written,
      rules: once(() => rulesOf(openApiSchema())),
    }) as unknown as KindRules,
    strategy: customResourceStrategy,
    columns: customResourceColumns(version.additionalPrinterColumns ?? []),
    isBuiltIn: false,
    ...(warning === undefined ? {} : { deprecationWarning: warning }),
    ...(isTerminating ? { createRefusal } : {}),
  };
}

/** Each is linked when it is first asked for: a large one takes its time. */
interface LinkedSchemas {
  /** As its author wrote it. */
  readonly written: () => Schema;
  /** With what every object has, and every embedded one. */
  readonly whole: () => Schema;
}

async function rulesOf(schema: OpenApiSchema): Promise<RuleNode | undefined> {
  if (!hasRules(schema)) return undefined;
  const { compileRules } = await import('@fairway/schema/rules');
  return runInTurns(compileRules(schema));
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function subresources(
  { spec: { group, names } }: CustomResourceDefinition,
  { name: version, subresources: asked }: CustomResourceDefinitionVersion,
): ReadonlyMap<string, ServedSubresource> {
  const served = new Map<string, ServedSubresource>();
  const own = ['get', 'patch', 'update'];
  if (asked?.status !== undefined) {
    served.set('status', { name: 'status', verbs: own, group, version, kind: names.kind });
  }
  if (asked?.scale !== undefined) {
    const { specReplicasPath, statusReplicasPath, labelSelectorPath = '' } = asked.scale;
    const scale = {
      specReplicas: fieldsOf(specReplicasPath),
      statusReplicas: fieldsOf(statusReplicasPath),
      labelSelector: fieldsOf(labelSelectorPath),
    };
    const kind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
    served.set('scale', { name: 'scale', verbs: own, ...kind, scale });
  }
  return served;
}

function fieldsOf(path: string): readonly string[] {
  return path.split('.').filter((field) => field !== '');
}

/**
 * Every version shares one place. What is read is held against the schema of now, which may have
 * changed since it was written; once for each entry, where nothing comes of it.
 */
function storedAs(
  definition: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  { written, whole, convert }: LinkedSchemas & { readonly convert: ConvertObjects },
): StoredAs {
  const { group, versions } = definition.spec;
  const served = `${group}/${version.name}`;
  const stored = `${group}/${versions.find(({ storage }) => storage)?.name ?? version.name}`;
  const fit = oneByOne((object) => {
    pruneToSchema(object, { schema: whole() });
    // Beyond that it is served as stored: a changed definition must not make stored objects
    // unreadable.
    applySchemaDefaults(object, written(), { bytesLeft: objectBytesMax });
    return object;
  });
  return {
    prefix: customStoragePrefix(definition),
    apiVersion: stored,
    fromStored: async (objects) => fit(await convert(objects, served)),
    ...(served === stored
      ? { asStored: new WeakSet() }
      : { toStored: (objects) => convert(objects, stored) }),
  };
}

/** Converts objects to a version; those that are in it already are left as they are. */
type ConvertObjects = (
  objects: readonly KubernetesObject[],
  apiVersion: string,
) => Promise<readonly KubernetesObject[]>;

/** The strategy `None` changes the `apiVersion` and nothing else. */
function conversionOf(
  definition: CustomResourceDefinition,
  parts: ConversionParts,
): ConvertObjects {
  if (definition.spec.conversion?.strategy === 'Webhook') {
    return (objects, apiVersion) => convertByWebhook(definition, { objects, apiVersion }, parts);
  }
  return async (objects, apiVersion) =>
    objects.map((object) =>
      object.apiVersion === apiVersion ? object : { ...object, apiVersion },
    );
}

/** Source: apiserver, discovery.StorageVersionHash. */
function storageVersionHash({ spec }: CustomResourceDefinition): string {
  const version = spec.versions.find(({ storage }) => storage)?.name ?? '';
  const hash = createHash('sha256').update(`${spec.group}/${version}/${spec.names.kind}`).digest();
  return hash.subarray(0, 8).toString('base64');
}

function deprecationWarning(
  { spec: { group, names, versions } }: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
): string | undefined {
  if (version.deprecated !== true) return undefined;
  if (version.deprecationWarning !== undefined) return version.deprecationWarning;
  const better = versions
    .filter(
      ({ served, deprecated, name }) =>
        served && deprecated !== true && compareVersions(name, version.name) < 0,
    )
    .map(({ name }) => name)
    .sort(compareVersions)[0];
  const advice = better === undefined ? '' : `; use ${group}/${better} ${names.kind}`;
  return `${group}/${version.name} ${names.kind} is deprecated${advice}`;
}
