import { type ConformedAs, type Conformity, conformToSchema } from './conform/conform.ts';
import { pruneToSchema } from './prune.ts';

type Walker = (draft: object, expected: ConformedAs) => Conformity;

/** What happens to fields that a schema does not know. */
export type UnknownFields = 'dropped' | 'kept-where-schema-says';

/** How a decoded object is made what its schema says, by what happens to unknown fields. */
export const unknownFieldWalkers: Readonly<Record<UnknownFields, Walker>> = {
  dropped: conformToSchema,
  'kept-where-schema-says': pruneToSchema,
};
