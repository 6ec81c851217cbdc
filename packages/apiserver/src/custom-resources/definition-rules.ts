import { runInTurns } from '@fairway/host';
import type { CustomResourceDefinitionSpec } from '@fairway/kinds/apiextensions/v1';
import type { OpenApiSchema } from '@fairway/kinds/schema';
import {
  type Draft,
  type FieldError,
  type JsonObject,
  equalsJson,
  invalidValue,
  required,
} from '@fairway/protocol';
import {
  type DefinitionDraft,
  FieldErrors,
  type KindRules,
  SharedParts,
  boundErrors,
  customResourceDefinitionRules,
} from '@fairway/kind-rules';
import { cleanupFinalizer } from './definition-removal.ts';
import { condition, isProtectedGroup, withConditions } from './definition-status.ts';
import { parseJsonPath } from './json-path.ts';
import {
  type PlacedSchema,
  hasRules,
  schemaAtPath,
  unknownFormats,
  validateStructuralSchema,
} from '@fairway/schema';

/**
 * The rules of definitions, with those that need the API server: structural schemas and deletion.
 */
export const definitionRules: KindRules<DefinitionDraft> = boundErrors({
  ...customResourceDefinitionRules,
  validateInTurns: validateDefinitionSchemas,
  deletion: {
    isHeld: ({ metadata }) => metadata?.deletionTimestamp === undefined,
    isQuiet: true,
    begin: beginDeletion,
  },
  warnings: definitionWarnings,
});

/**
 * What is wrong with the schemas, the paths and the approval of a definition. A schema that is stored
 * already has been judged.
 */
async function validateDefinitionSchemas(
  definition: DefinitionDraft,
  stored?: DefinitionDraft,
): Promise<readonly FieldError[]> {
  const spec = definition.spec ?? {};
  const errors = new FieldErrors();
  if (spec.preserveUnknownFields === true) {
    const text =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
    errors.push(invalidValue('spec.preserveUnknownFields', true, text));
  }
  const storedVersions = new Map(stored?.spec?.versions?.map((each) => [each.name, each]));
  const parts = new SharedParts(spec);
  for (const [index, version] of (spec.versions ?? []).entries()) {
    const path = parts.pathOf('schema', index);
    const schema = schemaOf(version);
    const before = storedVersions.get(version.name);
    const isNew = schema !== undefined && !isSameSchema(schema, before && schemaOf(before));
    if (isNew && path !== undefined) {
      const place = { schema, path: `${path}.openAPIV3Schema` };
      const found = await runInTurns(validateStructuralSchema(place));
      errors.push(...found.filter(isNotOfRootType(place.path)));
      if (found.length === 0 && hasRules(schema)) errors.push(...(await ruleErrors(place)));
    }
    errors.push(...columnErrors(version, parts.pathOf('additionalPrinterColumns', index)));
    errors.push(...selectableErrors(version, parts.pathOf('selectableFields', index)));
  }
  return [...errors, ...approvalErrors(definition)];
}

async function ruleErrors(place: PlacedSchema): Promise<readonly FieldError[]> {
  const { validateRuleDefinitions } = await import('@fairway/schema/rules');
  return runInTurns(validateRuleDefinitions(place));
}

function schemaOf(version: VersionDraft): OpenApiSchema | undefined {
  return version.schema?.openAPIV3Schema as OpenApiSchema | undefined;
}

function isSameSchema(one: OpenApiSchema, other: OpenApiSchema | undefined): boolean {
  return equalsJson(one as JsonObject, other as JsonObject | undefined);
}

/** The type of the root is checked in kind-rules. */
function isNotOfRootType(path: string): (error: FieldError) => boolean {
  return ({ field }) => field !== `${path}.type`;
}

type VersionDraft = NonNullable<Draft<CustomResourceDefinitionSpec>['versions']>[number];

/** Of paths that begin with a dot; others are told of in kind-rules. */
function columnErrors(
  { additionalPrinterColumns = [] }: VersionDraft,
  path: string | undefined,
): readonly FieldError[] {
  const errors = new FieldErrors();
  if (path === undefined) return errors;
  additionalPrinterColumns.forEach(({ jsonPath = '' }, index) => {
    if (!jsonPath.startsWith('.')) return;
    const parsed = parseJsonPath(jsonPath);
    if (parsed.kind === 'parsed') return;
    const text = `is an invalid jsonpath: ${parsed.problem}`;
    errors.push(invalidValue(`${path}[${index}].JSONPath`, jsonPath, text));
  });
  return errors;
}

const selectableText =
  'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';

function selectableErrors(version: VersionDraft, path: string | undefined): readonly FieldError[] {
  const errors = new FieldErrors();
  const schema = schemaOf(version);
  if (path === undefined || schema === undefined) return errors;
  version.selectableFields?.forEach(({ jsonPath }, index) => {
    if (!jsonPath) return;
    const found = schemaAtPath(schema, jsonPath);
    const field = `${path}[${index}].jsonPath`;
    if (found.kind === 'none') {
      errors.push(invalidValue(field, jsonPath, `is an invalid path: ${found.problem}`));
    } else if (!/^(string|boolean|integer)$/.test(String(found.schema['type']))) {
      errors.push(invalidValue(field, jsonPath, selectableText));
    }
  });
  return errors;
}

function approvalErrors(definition: DefinitionDraft): readonly FieldError[] {
  if (!isProtectedGroup(definition.spec?.group ?? '')) return [];
  const name = 'api-approved.kubernetes.io';
  const approval = definition.metadata?.annotations?.[name] ?? '';
  const field = `metadata.annotations[${name}]`;
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111';
  if (approval === '') {
    return [required(field, `protected groups must have approval annotation "${name}", ${see}`)];
  }
  if (approval.startsWith('unapproved') || /^https?:\/\/[^/]+/.test(approval)) return [];
  const text = `protected groups must have approval annotation "${name}" with either a URL or a reason starting with "unapproved", ${see}`;
  return [invalidValue(field, approval, text)];
}

/** Formats that are not checked. */
function definitionWarnings(definition: DefinitionDraft): readonly string[] {
  const { versions = [] } = definition.spec ?? {};
  const formats = new Set(versions.flatMap((each) => unknownFormats(schemaOf(each) ?? {})));
  return [...formats].map((format) => `unrecognized format ${JSON.stringify(format)}`);
}

/** A definition goes when its objects are gone. */
function beginDeletion(draft: DefinitionDraft): void {
  const { metadata = {}, status = {} } = draft;
  if (metadata.finalizers?.includes(cleanupFinalizer) === true) return;
  draft.metadata = {
    ...metadata,
    finalizers: [...(metadata.finalizers ?? []), cleanupFinalizer],
  };
  const now = metadata.deletionTimestamp ?? '';
  const pending = condition('Terminating', 'True', {
    reason: 'InstanceDeletionPending',
    message:
      'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  });
  const conditions = withConditions(
    (status.conditions ?? []) as Parameters<typeof withConditions>[0],
    [pending],
    now,
  );
  draft.status = { ...status, ...(conditions === undefined ? {} : { conditions }) };
}
