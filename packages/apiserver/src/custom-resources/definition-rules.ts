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
  boundErrors,
  customResourceDefinitionRules,
} from '@fairway/kind-rules';
import { cleanupFinalizer } from './definition-removal.ts';
import { condition, isProtectedGroup, withConditions } from './definition-status.ts';
import { parseJsonPath } from './json-path.ts';
import { type PlacedSchema, hasRules, validateStructuralSchema } from '@fairway/schema';

/**
 * The rules of definitions, with those that need the API server: structural schemas and deletion.
 */
export const definitionRules: KindRules<DefinitionDraft> = boundErrors({
  ...customResourceDefinitionRules,
  validateInTurns: validateDefinitionSchemas,
  deletion: {
    isHeld: ({ metadata }) => metadata?.deletionTimestamp === undefined,
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
  const isShared = isOneSchema(spec.versions ?? []);
  for (const [index, version] of (spec.versions ?? []).entries()) {
    const path = `spec.versions[${index}]`;
    const schema = schemaOf(version);
    const before = storedVersions.get(version.name);
    const isNew = schema !== undefined && !isSameSchema(schema, before && schemaOf(before));
    if (isNew && (index === 0 || !isShared)) {
      const place = {
        schema,
        path: `${isShared ? 'spec.validation' : `${path}.schema`}.openAPIV3Schema`,
      };
      const found = await runInTurns(validateStructuralSchema(place));
      errors.push(...found.filter(isNotOfRootType(place.path)));
      if (found.length === 0 && hasRules(schema)) errors.push(...(await ruleErrors(place)));
    }
    errors.push(...pathErrors(version, path));
  }
  return [...errors, ...approvalErrors(definition)];
}

async function ruleErrors(place: PlacedSchema): Promise<readonly FieldError[]> {
  const { validateRuleDefinitions } = await import('@fairway/schema/rules');
  return runInTurns(validateRuleDefinitions(place));
}

/** A schema that all versions have is one of the definition, in the words of the API. */
function isOneSchema(versions: readonly VersionDraft[]): boolean {
  const [first, ...others] = versions.map(schemaOf);
  return first !== undefined && others.every((each) => isSameSchema(first, each));
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

function pathErrors(version: VersionDraft, path: string): readonly FieldError[] {
  const errors = new FieldErrors();
  const check = (jsonPath: string | undefined, field: string): void => {
    if (!jsonPath) return;
    const parsed = parseJsonPath(jsonPath);
    if (parsed.kind === 'parsed' && jsonPath.startsWith('.')) return;
    const why = parsed.kind === 'malformed' ? parsed.problem : 'must begin with a dot';
    errors.push(invalidValue(field, jsonPath, `must be a simple json path: ${why}`));
  };
  version.additionalPrinterColumns?.forEach((column, index) => {
    check(column.jsonPath, `${path}.additionalPrinterColumns[${index}].jsonPath`);
  });
  version.selectableFields?.forEach((selectable, index) => {
    check(selectable.jsonPath, `${path}.selectableFields[${index}].jsonPath`);
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

/** Parts of a definition that are kept and not yet acted upon. */
function definitionWarnings(definition: DefinitionDraft): readonly string[] {
  const warnings: string[] = [];
  const { versions = [], conversion } = definition.spec ?? {};
  if (conversion?.strategy === 'Webhook' && versions.length > 1) {
    warnings.push(
      'spec.conversion: conversion by webhook is not built yet; objects can be used in the version that is stored',
    );
  }
  return warnings;
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
    reason: 'InstanceDeletionInProgress',
    message: 'CustomResource deletion is in progress',
  });
  const conditions = withConditions(
    (status.conditions ?? []) as Parameters<typeof withConditions>[0],
    [pending],
    now,
  );
  draft.status = { ...status, ...(conditions === undefined ? {} : { conditions }) };
}
