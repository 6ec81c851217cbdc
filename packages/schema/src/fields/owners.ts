import type { JsonObject, Schema } from '@fairway/protocol';
import type { FieldSet } from './field-set.ts';
import type { PathElement } from './path-element.ts';

/** The fields of one owner, in the version of the API in which it last wrote. */
export interface OwnedFields {
  /** May be read from its text only when somebody asks. */
  readonly fields: FieldSet;
  /** The text of `fieldsV1`, where it is at hand. */
  readonly text?: string;
  /** Tells whether any of these fields, or something below them, may be owned; absent: it may. */
  readonly touches?: (fields: FieldSet) => boolean;
  /** Tells whether all of these fields are owned already; absent: they may not be. */
  readonly covers?: (fields: FieldSet) => boolean;
  readonly apiVersion: string;
  /** It applies what it wants, and what it leaves out goes. Others own what they have changed. */
  readonly isApplied: boolean;
}

/** Who owns what of an object, by what each owner is called. */
export type Owners = ReadonlyMap<string, OwnedFields>;

/** An object as one version of the API has it. */
export interface VersionedObject {
  readonly object: JsonObject;
  readonly apiVersion: string;
  readonly schema: Schema;
}

/** The same object in another version; undefined when there is no such version (any more). */
export type ConvertObject = (
  object: VersionedObject,
  apiVersion: string,
) => Promise<VersionedObject | undefined>;

/** What a write is about, beside the objects. */
export interface WriteScope {
  /** With all below them: what this write cannot set, so that nobody owns it for having sent it. */
  readonly reset: FieldSet;
  /** These alone: what nobody ever owns, such as the name. */
  readonly unowned: FieldSet;
  readonly convert: ConvertObject;
  /** Lets others have a turn between the steps of a long work; undefined when none is due. */
  readonly giveWay: () => Promise<void> | undefined;
}

/** A field that somebody else owns and that has another value now. */
export interface FieldConflict {
  readonly owner: string;
  readonly path: readonly PathElement[];
}

/** Finds an object in another version; does not wait where it has that version already. */
export function inVersion(
  object: VersionedObject,
  apiVersion: string,
  convert: ConvertObject,
): VersionedObject | Promise<VersionedObject | undefined> {
  return object.apiVersion === apiVersion ? object : convert(object, apiVersion);
}
