import type { Schema } from '@fairway/protocol';
import type { ServedResource } from '../registry/served-resource.ts';
import { type Conformity, conformToSchema } from './conform.ts';
import { pruneToSchema } from './prune.ts';

type Walker = (
  draft: object,
  expected: { readonly schema: Schema; readonly kind: string },
) => Conformity;

/** How a decoded object is made what its schema says, by what happens to unknown fields. */
export const unknownFieldWalkers: Readonly<Record<ServedResource['unknownFields'], Walker>> = {
  dropped: conformToSchema,
  'kept-where-schema-says': pruneToSchema,
};
