import type { CustomResourceDefinition } from '@fairway/kinds/apiextensions/v1';
import type { ObjectDraft } from '../kind-rules/draft.ts';

/** A definition of a custom resource that may still be changed. */
export type DefinitionDraft = ObjectDraft<CustomResourceDefinition>;
