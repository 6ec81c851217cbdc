import type { Schema } from '@fairway/protocol';
import type { ServedResource } from '../registry/served-resource.ts';

/** What a body must be. */
export interface ExpectedObject {
  /** What is said of a namespace in an object that is in none is dropped. */
  readonly isNamespaced?: boolean;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly schema: Schema;
  readonly isBuiltIn: boolean;
  readonly unknownFields: ServedResource['unknownFields'];
}
