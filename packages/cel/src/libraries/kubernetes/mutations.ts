import { pointerStep } from '@fairway/protocol';
import { type Library, declare, overload } from '../../declarations.ts';
import { type Field, ObjectType, OpenObjectType, dynType, stringType } from '../../type.ts';

/** The object that an apply configuration makes; what is within it is `Object.spec`, and so on. */
export const patchedObjectType: ObjectType = new OpenObjectType('Object');

/** One operation of a JSON Patch (RFC 6902). */
export const jsonPatchType: ObjectType = new ObjectType(
  'JSONPatch',
  new Map<string, Field>([
    ['op', { key: 'op', type: stringType }],
    ['from', { key: 'from', type: stringType }],
    ['path', { key: 'path', type: stringType }],
    ['value', { key: 'value', type: dynType }],
  ]),
);

/** What mutations are made of. Source: Kubernetes, cel/mutation and cel/library/jsonpatch.go. */
export const mutationsLibrary: Library = {
  functions: [
    declare(
      'jsonpatch.escapeKey',
      overload('string_jsonpatch_escapeKey_string', [stringType], stringType, pointerStep),
    ),
  ],
  messageType: (name) => {
    if (name === jsonPatchType.name) return jsonPatchType;
    if (name === patchedObjectType.name) return patchedObjectType;
    return name.startsWith('Object.') ? new OpenObjectType(name) : undefined;
  },
};
