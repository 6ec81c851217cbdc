import {
  type JsonArray,
  type JsonObject,
  type JsonValue,
  type Schema,
  equalsJson,
  fieldOf,
  isJsonArray,
  isJsonObject,
} from '@fairway/protocol';
import { type Field, fieldAt, fieldShape, fieldsIn, itemElement, itemsIn } from './field-shape.ts';
import { isEmptyMap } from './fields-of.ts';
import { memberText, nodeText } from './fields-v1.ts';
import type { WriteScope } from './owners.ts';
import { type PathElement, sortElements, sortTexts } from './path-element.ts';

interface Creation extends Pick<WriteScope, 'reset' | 'unowned'> {
  readonly schema: Schema;
  /** What is there before anybody sets anything, by `zeroObject`: it holds no items. */
  readonly start: JsonObject;
}

/**
 * What somebody owns for having created an object, as the text of `fieldsV1`: `{}` when nothing.
 *
 * All that is there is new, so this needs no sets: it writes in one walk what `updateOwners` and
 * `encodeFieldsV1` would make of the object.
 */
export function createdFieldsV1(
  object: JsonObject,
  { schema, start, reset, unowned }: Creation,
): string {
  const place = { schema, scope: { reset, unowned }, ownsStructs: true };
  return `{${fieldsText(object, place, start)}}`;
}

/** What somebody owns for having applied an object: the text of its `appliedFields` in the scope. */
export function appliedFieldsV1(
  config: JsonObject,
  { schema, reset, unowned }: Omit<Creation, 'start'>,
): string {
  const place = { schema, scope: { reset, unowned }, ownsStructs: false };
  return `{${fieldsText(config, place, nothing)}}`;
}

/** What of the scope lies at and below a place; undefined for nothing, which is so nearly everywhere. */
type Scope = Pick<WriteScope, 'reset' | 'unowned'> | undefined;

function scopeAt(scope: Scope, element: string): Scope {
  if (scope === undefined) return undefined;
  const [reset, unowned] = [scope.reset.child(element), scope.unowned.child(element)];
  return reset.isEmpty && unowned.isEmpty ? undefined : { reset, unowned };
}

interface Place {
  readonly schema: Schema;
  readonly scope: Scope;
  /** Who writes owns the structs that it writes something of, and not only what it writes. */
  readonly ownsStructs: boolean;
}

/** The text of a place that is all new. */
function wholeText(value: JsonValue, place: Place): string {
  return placeText(partsText(value, place), place.scope);
}

/** The text of a field that is new. A struct that is not owned itself is there with what is in it. */
function fieldText(value: JsonValue, place: Place, { isNamed }: Field): string {
  const isOwned = place.ownsStructs || !isNamed || isOneField(value, place.schema);
  if (isOwned) return wholeText(value, place);
  return nodeText(partsText(value, place), { isMember: false });
}

/** The text of a place that is owned itself, unless the scope says otherwise. */
function placeText(below: string, scope: Scope): string {
  return nodeText(below, { isMember: scope?.unowned.isMember !== true });
}

function isOneField(value: JsonValue, schema: Schema): boolean {
  return fieldShape(schema, value) === 'leaf' || isEmptyMap(value);
}

/** The text of what is owned within a value. */
function partsText(value: JsonValue, place: Place): string {
  switch (fieldShape(place.schema, value)) {
    case 'leaf':
      return '';
    case 'fields':
      return isJsonObject(value) ? fieldsText(value, place, nothing) : '';
    case 'items':
      return isJsonArray(value) ? itemsText(value, place) : '';
  }
}

const nothing: JsonObject = {};

function fieldsText(
  object: JsonObject,
  { schema, scope, ownsStructs }: Place,
  start: JsonObject,
): string {
  let text = '';
  for (const name of sortTexts(Object.keys(object))) {
    const value = object[name];
    if (value === undefined) continue;
    const field = fieldAt(schema, name);
    const below = scopeAt(scope, field.element);
    if (below?.reset.isMember === true) continue;
    const place = { schema: field.schema, scope: below, ownsStructs };
    const zero = start === nothing ? undefined : fieldOf(start, name);
    const node =
      zero === undefined ? fieldText(value, place, field) : changedText(value, place, zero);
    if (node !== '') text += memberText(text, field.text ?? JSON.stringify(field.element), node);
  }
  return text;
}

/** The text of a place that is there anyway, and holds something else now. */
function changedText(value: JsonValue, place: Place, zero: JsonValue): string {
  const shape = fieldShape(place.schema, value);
  if (shape !== fieldShape(place.schema, zero)) return wholeText(value, place);
  if (shape === 'leaf' || (holdsNothing(zero) && holdsNothing(value))) {
    return equalsJson(zero, value) ? '' : placeText('', place.scope);
  }
  const below =
    shape === 'items'
      ? itemsText(itemsIn(value), place)
      : fieldsText(fieldsIn(value), place, fieldsIn(zero));
  return nodeText(below, { isMember: false });
}

function itemsText(list: JsonArray, { schema, scope, ownsStructs }: Place): string {
  const items = new Map<PathElement, JsonValue | typeof several>();
  for (const item of list) {
    const found = itemElement(item, schema);
    if ('problem' in found) continue;
    items.set(found.element, items.has(found.element) ? several : item);
  }
  let text = '';
  for (const element of sortElements([...items.keys()])) {
    const item = items.get(element) ?? null;
    const below = scopeAt(scope, element);
    if (below?.reset.isMember === true) continue;
    const place = { schema: schema.items ?? {}, scope: below, ownsStructs };
    const node = item === several ? placeText('', below) : wholeText(item, place);
    if (node !== '') text += memberText(text, JSON.stringify(element), node);
  }
  return text;
}

/** Stands for items of the same keys. */
const several = Symbol('several');

/** Of a value that may hold fields or items. */
function holdsNothing(value: JsonValue): boolean {
  if (isJsonArray(value)) return value.length === 0;
  return !isJsonObject(value) || Object.keys(value).length === 0;
}
