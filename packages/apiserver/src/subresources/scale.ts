import {
  type FieldError,
  type HttpResponse,
  type JsonObject,
  type KubernetesObject,
  formatLabelSelector,
  internalError,
  invalid,
  invalidValue,
  type LabelSelectorObject,
  type WriteOptions,
  notFound,
  parseLabelSelectorObject,
  parsePatchOptions,
  parseUpdateOptions,
} from '@fairway/protocol';
import { checkFields, decodeObject } from '../content/decode-object.ts';
import { type ExpectedObject, builtInKind } from '../content/expected-object.ts';
import { scales } from '@fairway/kind-rules';
import { pruneToSchema } from '@fairway/schema';
import { encodeObject } from '../content/encode-object.ts';
import { chooseRepresentation } from '../content/representation.ts';
import { type IncomingObject, draftOf } from '../content/incoming-object.ts';
import { type AdmissionView, checkNames } from '../objects/prepare-replacement.ts';
import { type Replaced, replaceObject } from '../objects/replace-object.ts';
import { storageKey } from '../storage/storage-key.ts';
import { serveEntry } from '../reads/served-entries.ts';
import { decodeStored } from '../storage/object-bytes.ts';
import type { ScalePaths, ServedResource } from '../registry/served-resource.ts';
import type { Call, ShowParts } from '../calls/call.ts';
import type { WriteParts } from '../objects/write-parts.ts';
import { readConfig } from '../verbs/read-config.ts';
import { isApply, readPatch } from '../verbs/patch.ts';
import { applyScale } from '../ownership/scale-ownership.ts';
import { readObjectBody } from '../content/read-object-body.ts';

interface Scale extends KubernetesObject {
  readonly spec?: { readonly replicas?: number };
}

/** Answers `GET` on `/scale`: how many there are and should be, whatever the kind. */
export async function getScale(call: Call<WriteParts>): Promise<HttpResponse> {
  const { resource, target, parts } = call;
  const entry = await parts.store.get(storageKey(resource, target.namespace, target.name));
  if (entry === undefined) throw notFound({ ...resource, name: target.name });
  const object = decodeStored((await serveEntry(resource, entry)).value);
  requireCount(resource, object);
  return answer(call, object);
}

/** A custom resource may leave out how many it wants, and so has no scale yet. */
function requireCount(resource: ServedResource, object: KubernetesObject): void {
  const { specReplicas } = pathsOf(resource);
  if (resource.isBuiltIn || at(object, specReplicas) !== undefined) return;
  throw internalError(`the spec replicas field ".${specReplicas.join('.')}" does not exist`);
}

/** Answers `PUT` on `/scale`. */
export async function updateScale(call: Call<WriteParts>): Promise<HttpResponse> {
  const options = parseUpdateOptions(call.request.query);
  const { fieldValidation = 'Warn' } = options;
  const body = await readObjectBody(call);
  const scale = await decodeObject(call, scaleKind(call), { body, fieldValidation });
  return writeScale(call, async () => scale, options);
}

/** Answers `PATCH` on `/scale`. */
export async function patchScale(call: Call<WriteParts>): Promise<HttpResponse> {
  if (isApply(call)) return applyToScale(call);
  const { query } = call.request;
  const options = parsePatchOptions(query, { isApply: false });
  const { fieldValidation = 'Warn' } = options;
  const expected = scaleKind(call);
  const patch = await readPatch(call, expected);
  const change = async (stored: KubernetesObject): Promise<IncomingObject> => {
    const object = patch.apply(scaleOf(stored, call.resource));
    const { duplicates, text } = patch;
    const source = { object, duplicates, fieldValidation, patch: text };
    return checkFields(call, expected, source);
  };
  return writeScale(call, change, options);
}

async function writeScale(
  call: Call<WriteParts>,
  makeScale: (stored: KubernetesObject) => Promise<IncomingObject>,
  options: WriteOptions,
): Promise<HttpResponse> {
  const paths = pathsOf(call.resource);
  const replaced = await replaceObject(call, {
    options,
    admissionView: admissionView(call.resource),
    change: async (stored) => {
      const scale = (await makeScale(stored)) as Scale;
      if (!call.resource.isBuiltIn) checkNames(call, scale as IncomingObject);
      requireReplicas(call, scale);
      const object = draftOf(stored);
      setAt(object, paths.specReplicas, scale.spec?.replicas ?? 0);
      // The path of a definition may lead where its schema knows of nothing.
      if (!call.resource.isBuiltIn) pruneToSchema(object, { schema: call.resource.schema });
      object.metadata.resourceVersion = scale.metadata?.resourceVersion ?? '';
      return object;
    },
  });
  return answerWritten(call, replaced);
}

async function applyToScale(call: Call<WriteParts>): Promise<HttpResponse> {
  const { resource, target, request } = call;
  const options = parsePatchOptions(request.query, { isApply: true });
  const expected = scaleKind(call);
  const { config } = await readConfig(call, expected);
  const { specReplicas } = pathsOf(resource);
  const replaced = await replaceObject(call, {
    options,
    isApply: true,
    admissionView: admissionView(resource),
    change: async (stored) => {
      const live = scaleOf(stored, resource) as unknown as JsonObject;
      const { replicas, managedFields } = await applyScale(call, {
        config,
        options,
        live: { object: live, apiVersion: 'autoscaling/v1', schema: expected.schema },
        replicas: specReplicas,
        managedFields: stored.metadata?.managedFields ?? [],
      });
      requireReplicas(call, { spec: { replicas } });
      const { name, resourceVersion = '' } = (config as KubernetesObject).metadata ?? {};
      const object = draftOf(stored);
      Object.assign(object.metadata, { name: name ?? target.name, resourceVersion, managedFields });
      setAt(object, specReplicas, replicas);
      return object;
    },
  });
  return answerWritten(call, replaced);
}

/** Admission sees the scale, and not what is scaled. */
function admissionView(resource: ServedResource): AdmissionView {
  return {
    show: (object) => scaleOf(object, resource),
    takeIn: (draft, shown) => {
      const { specReplicas } = pathsOf(resource);
      const replicas = (shown as Scale).spec?.replicas ?? 0;
      // The path of a definition may lead where its schema knows of nothing.
      if (replicas !== numberAt(draft, specReplicas)) setAt(draft, specReplicas, replicas);
    },
  };
}

/** With the version that it has now. */
async function answerWritten(
  call: Call<WriteParts>,
  { object, entry }: Replaced,
): Promise<HttpResponse> {
  if (entry === undefined) return answer(call, object);
  return answer(call, decodeStored((await serveEntry(call.resource, entry)).value));
}

function requireReplicas({ target, resource }: Call, scale: Scale): void {
  const replicas = scale.spec?.replicas ?? 0;
  if (replicas >= 0) return;
  if (!resource.isBuiltIn) {
    const field = `.${pathsOf(resource).specReplicas.join('.')}`;
    const error = invalidValue(field, replicas, 'should be a non-negative integer');
    throw invalid({ ...resource, name: target.name }, [error]);
  }
  const errors: FieldError[] = [
    invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0'),
  ];
  throw invalid({ group: 'autoscaling', kind: 'Scale', name: target.name }, errors);
}

function answer(call: Call<ShowParts>, object: KubernetesObject): HttpResponse {
  const representation = chooseRepresentation(call.request, call.resource);
  const asScale = { ...call, resource: { ...call.resource, columns: scales } };
  return encodeObject(asScale, representation, {
    status: 200,
    object: scaleOf(object, call.resource),
  });
}

function scaleOf(object: KubernetesObject, resource: ServedResource): KubernetesObject {
  const paths = pathsOf(resource);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata ?? {};
  const replicas = numberAt(object, paths.specReplicas);
  const selector = selectorText(at(object, paths.labelSelector), resource);
  const scale = {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    // None is left out.
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: numberAt(object, paths.statusReplicas),
      ...(selector === '' ? {} : { selector }),
    },
  };
  return scale as KubernetesObject;
}

/** Custom resources keep their selector as text; any other value there was never validated. */
function selectorText(value: unknown, { isBuiltIn }: ServedResource): string {
  if (typeof value === 'string') return value;
  if (!isBuiltIn || typeof value !== 'object' || value === null) return '';
  const isPlainMap = !('matchLabels' in value) && !('matchExpressions' in value);
  const selector = (isPlainMap ? { matchLabels: value } : value) as LabelSelectorObject;
  return formatLabelSelector(parseLabelSelectorObject(selector));
}

function pathsOf(resource: ServedResource): ScalePaths {
  const paths = resource.subresources.get('scale')?.scale;
  if (paths === undefined) throw new Error(`${resource.plural} has no scale`);
  return paths;
}

function scaleKind({ parts }: Call<WriteParts>): ExpectedObject {
  return builtInKind(parts, { group: 'autoscaling', version: 'v1', kind: 'Scale' });
}

function at(object: unknown, path: readonly string[]): unknown {
  let value = object;
  for (const field of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, field))
      return undefined;
    value = (value as Record<string, unknown>)[field];
  }
  return path.length === 0 ? undefined : value;
}

function numberAt(object: unknown, path: readonly string[]): number {
  const value = at(object, path);
  return typeof value === 'number' ? value : 0;
}

/** The path comes from a definition, so a name like `__proto__` must be an ordinary field. */
function setAt(object: IncomingObject, path: readonly string[], value: number): void {
  let parent: object = object;
  for (const field of path.slice(0, -1)) {
    const child = at(parent, [field]);
    const next = typeof child === 'object' && child !== null ? child : {};
    setField(parent, field, next);
    parent = next;
  }
  const last = path.at(-1);
  if (last !== undefined) setField(parent, last, value);
}

function setField(object: object, field: string, value: unknown): void {
  const property = { value, writable: true, enumerable: true, configurable: true };
  Object.defineProperty(object, field, property);
}
