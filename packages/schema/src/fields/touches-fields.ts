import { type JsonObject, type JsonValue, isJsonObject } from '@fairway/protocol';
import type { FieldSet } from './field-set.ts';

/**
 * Whether `fieldsV1`, as this server wrote it, has any of these fields or something below them: what
 * has not needs no reading.
 */
export function touchesFields(fieldsV1: JsonValue, fields: FieldSet): boolean {
  if (!isJsonObject(fieldsV1)) return true;
  if (fields.children.size <= fewMax) {
    for (const [element, child] of fields.children) {
      if (touchesField(fieldsV1[element], child)) return true;
    }
    return false;
  }
  // There may be many owners of little each, none of which is to pay for a large change.
  for (const element of Object.keys(fieldsV1)) {
    if (touchesField(fieldsV1[element], fields.children.get(element))) return true;
  }
  return false;
}

const fewMax = 8;

function touchesField(fieldsV1: JsonValue | undefined, fields: FieldSet | undefined): boolean {
  if (fieldsV1 === undefined || fields === undefined) return false;
  return fields.isMember || touchesFields(fieldsV1, fields);
}

/**
 * Whether `fieldsV1`, as this server wrote it, has all of these fields just so: who owns it and writes
 * these again owns no more than before.
 */
export function coversFields(fieldsV1: JsonValue, fields: FieldSet): boolean {
  if (!isJsonObject(fieldsV1)) return false;
  for (const [element, child] of fields.children) {
    const found = fieldsV1[element];
    if (found === undefined || !isJsonObject(found)) return false;
    if (child.children.size === 0 ? !isEmpty(found) : !coversNode(found, child)) return false;
  }
  return true;
}

function coversNode(found: JsonObject, fields: FieldSet): boolean {
  return (!fields.isMember || Object.hasOwn(found, '.')) && coversFields(found, fields);
}

function isEmpty(object: JsonObject): boolean {
  for (const _ in object) return false;
  return true;
}
