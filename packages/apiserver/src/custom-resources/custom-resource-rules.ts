import { runInTurns } from '@fairway/host';
import {
  type JsonValue,
  type KubernetesObject,
  type ObjectMeta,
  type Schema,
  checkDnsSubdomain,
} from '@fairway/protocol';
import type { CustomResourceDefinitionVersion } from '@fairway/kinds/apiextensions/v1';
import { keepAllButStatus, keepStatus, type KindRules } from '@fairway/kind-rules';
import { applySchemaDefaults, validateValue } from '@fairway/schema';
import type { RuleNode } from '@fairway/schema/rules';
import { objectBytesMax, objectTooLarge } from '../storage/object-limits.ts';
import { embeddedMetadataErrors } from './embedded-metadata.ts';
import { parseJsonPath } from './json-path.ts';

/** A custom resource: its other fields are described by its definition only. */
interface CustomObject extends KubernetesObject {
  metadata?: ObjectMeta;
  status?: unknown;
}

/** How a version of a definition judges its objects. */
export interface CustomJudgement {
  /** What the author wrote, metadata included. */
  readonly schema: () => Schema;
  /** The rules of it, compiled; undefined when it has none. */
  readonly rules: () => Promise<RuleNode | undefined>;
}

/** What the API does to objects of one version of a custom resource. */
export function customResourceRules(
  version: CustomResourceDefinitionVersion,
  { schema, rules }: CustomJudgement,
): KindRules<CustomObject> {
  return {
    checkName: checkDnsSubdomain,
    allowsPlainFinalizers: true,
    applyDefaults: (draft) => fillIn(draft, schema()),
    validateInTurns: async (object, stored, warn) => {
      const placed = { value: object, path: '', stored };
      const node = await rules();
      if (node === undefined) return runInTurns(validateValue(placed, schema()));
      const { validateObject } = await import('@fairway/schema/rules');
      const { errors, warnings } = await runInTurns(validateObject(placed, schema(), node));
      warnings.forEach(warn);
      return errors;
    },
    validate: (object) => embeddedMetadataErrors(object, schema()),
    warnings: plainFinalizers,
    fieldLabels: fieldLabels(version),
    ...(version.subresources?.status === undefined ? {} : statusApart(schema)),
  };
}

/** Finalizers that others may have too, as they are added. Those of Kubernetes itself are known. */
function* plainFinalizers(object: CustomObject, stored?: CustomObject): Generator<string> {
  const before = new Set(stored?.metadata?.finalizers);
  for (const name of object.metadata?.finalizers ?? []) {
    if (name.includes('/') || standardFinalizers.has(name) || before.has(name)) continue;
    yield `metadata.finalizers: ${JSON.stringify(name)}: prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers`;
  }
}

const standardFinalizers: ReadonlySet<string> = new Set([
  'kubernetes',
  'orphan',
  'foregroundDeletion',
]);

/** Errors: RequestEntityTooLarge `ApiError`. */
function fillIn(draft: CustomObject, schema: Schema): void {
  const budget = { bytesLeft: objectBytesMax };
  applySchemaDefaults(draft, schema, budget);
  if (budget.bytesLeft >= 0) return;
  throw objectTooLarge(`defaults add more than ${objectBytesMax} bytes`);
}

/** With a `/status`, the object's own path does not touch the status. */
function statusApart(schema: () => Schema): Partial<KindRules<CustomObject>> {
  return {
    prepareForCreate: (draft) => {
      delete draft.status;
      // What is stored is what will be read.
      if (schema().properties?.get('status')?.default !== undefined) fillIn(draft, schema());
    },
    prepareForUpdate: keepStatus,
    prepareForStatusUpdate: (draft, stored) => {
      keepAllButStatus(draft, stored);
      draft.metadata = { ...stored.metadata };
    },
  };
}

function fieldLabels({
  selectableFields = [],
}: CustomResourceDefinitionVersion): Record<string, (object: KubernetesObject) => string> {
  const labels: Record<string, (object: KubernetesObject) => string> = {};
  for (const { jsonPath } of selectableFields) {
    const parsed = parseJsonPath(jsonPath);
    if (parsed.kind === 'malformed') continue;
    labels[jsonPath.replace(/^\./, '')] = (object) => textOf(parsed.find(object)[0] as JsonValue);
  }
  return labels;
}

function textOf(value: JsonValue | undefined): string {
  return value === undefined || value === null ? '' : String(value);
}
