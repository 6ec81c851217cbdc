import { type JsonObject, isJsonArray, isJsonObject } from '@fairway/protocol';
import type { JsonValue } from '@fairway/protocol';
import { defaultStageObjects } from './default-stages.ts';
import { parseNext } from './parse-next.ts';
import { type FieldRequirement, type Stage, type StageDelay } from './stage.ts';
import { type StageField, StageError, fieldsOf } from './stage-fields.ts';

/** Those that hold without a file. */
export function defaultStages(): readonly Stage[] {
  return defaultStageObjects.map((object, index) =>
    parseStage(object as JsonObject, `default stage ${index + 1}`),
  );
}

/**
 * Reads the stages of a file: the objects of its documents, lists of them too. They come before the defaults,
 * and take the place of those whose names they have.
 *
 * Errors: `StageError` that names the stage, the field and what may stand there.
 */
export function parseStages(documents: readonly unknown[]): readonly Stage[] {
  const objects = documents.flatMap((each) => itemsOf(each as JsonValue));
  const stages = objects.map((each, index) => parseStage(each, `stage ${index + 1}`));
  const names = new Set<string>();
  for (const { name } of stages) {
    if (names.has(name)) throw new StageError(`the name ${JSON.stringify(name)} is there twice`);
    names.add(name);
  }
  return [...stages, ...defaultStages().filter(({ name }) => !names.has(name))];
}

function itemsOf(document: JsonValue): readonly JsonValue[] {
  if (document === null) return [];
  if (isJsonArray(document)) return document.flatMap(itemsOf);
  const items =
    isJsonObject(document) && document['kind'] === 'List' ? document['items'] : undefined;
  return isJsonArray(items) ? items.flatMap(itemsOf) : [document];
}

function parseStage(object: JsonValue, place: string): Stage {
  if (!isJsonObject(object)) {
    throw new StageError(`${place} is no object: write apiVersion, kind, metadata and spec`);
  }
  const { apiVersion, kind } = object;
  if (apiVersion !== 'kwok.x-k8s.io/v1alpha1' || kind !== 'Stage') {
    const what = `${JSON.stringify(apiVersion ?? '')}, kind ${JSON.stringify(kind ?? '')}`;
    throw new StageError(
      `${place} has apiVersion ${what}: a stage has "kwok.x-k8s.io/v1alpha1", kind "Stage"`,
    );
  }
  const root = fieldsOf(object, place);
  root.allow('apiVersion', 'kind', 'metadata', 'spec', 'status');
  const name = root.object('metadata')?.text('name') ?? '';
  if (name === '') throw new StageError(`${place} has no metadata.name`);
  const named = fieldsOf(object, `stage ${JSON.stringify(name)}`);
  const spec = named.object('spec');
  if (spec === undefined) throw named.problem('has no spec');
  spec.allow(
    'resourceRef',
    'selector',
    'weight',
    'weightFrom',
    'delay',
    'next',
    'immediateNextStage',
  );
  const stageKind = parseKind(spec);
  const next = spec.object('next');
  if (next === undefined) throw spec.problem('has no next: nothing would happen');
  const weightFrom = spec.path('weightFrom');
  return {
    name,
    kind: stageKind,
    requirements: parseSelector(spec),
    weight: { value: spec.integer('weight') ?? 0, ...(weightFrom ? { from: weightFrom } : {}) },
    delay: parseDelay(spec.object('delay')),
    next: parseNext(next, stageKind),
  };
}

function parseKind(spec: StageField): Stage['kind'] {
  const reference = spec.object('resourceRef');
  reference?.allow('apiGroup', 'kind');
  const kind = reference?.text('kind') ?? '';
  const group = reference?.text('apiGroup') ?? 'v1';
  if ((kind === 'Pod' || kind === 'Node') && group === 'v1') return kind;
  throw spec.problem(
    `resourceRef is ${JSON.stringify(kind)} of ${JSON.stringify(group)}: stages are for "Pod" or "Node" of "v1"`,
  );
}

function parseSelector(spec: StageField): readonly FieldRequirement[] {
  const selector = spec.object('selector');
  if (selector === undefined) {
    throw spec.problem('has no selector: without one it is for no object ({} is for all)');
  }
  selector.allow('matchLabels', 'matchAnnotations', 'matchExpressions');
  const equal = (field: string, part: string): readonly FieldRequirement[] =>
    Object.entries(selector.texts(field)).map(([key, value]) => ({
      path: selector.parsePath(`.metadata.${part}[${JSON.stringify(key)}]`),
      operator: 'In',
      values: [value],
    }));
  return [
    ...equal('matchLabels', 'labels'),
    ...equal('matchAnnotations', 'annotations'),
    ...selector.objects('matchExpressions').map(parseRequirement),
  ];
}

const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;

function parseRequirement(field: StageField): FieldRequirement {
  field.allow('key', 'operator', 'values');
  const key = field.text('key');
  if (key === undefined) throw field.problem('has no key');
  const operator = field.oneOf('operator', operators);
  if (operator === undefined) throw field.problem(`has no operator: ${operators.join(', ')}`);
  const values = field.list('values').map(String);
  const hasValues = operator === 'In' || operator === 'NotIn';
  if (hasValues !== values.length > 0) {
    throw field.problem(`has operator ${operator}, which wants ${hasValues ? '' : 'no '}values`);
  }
  return { path: field.parsePath(key), operator, values };
}

function parseDelay(delay: StageField | undefined): StageDelay {
  delay?.allow(
    'durationMilliseconds',
    'durationFrom',
    'jitterDurationMilliseconds',
    'jitterDurationFrom',
  );
  const [from, jitterFrom] = [delay?.path('durationFrom'), delay?.path('jitterDurationFrom')];
  return {
    durationMs: {
      value: delay?.integer('durationMilliseconds') ?? 0,
      ...(from === undefined ? {} : { from }),
    },
    jitterMs: {
      value: delay?.integer('jitterDurationMilliseconds'),
      ...(jitterFrom === undefined ? {} : { from: jitterFrom }),
    },
  };
}
