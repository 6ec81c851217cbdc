import { type Draft, type JsonValue, equalsJson } from '@fairway/protocol';
import type { CustomResourceDefinitionSpec } from '@fairway/kinds/apiextensions/v1';

type SpecDraft = Draft<CustomResourceDefinitionSpec>;

/** What each version of a definition has, and the name of it for the definition as a whole. */
const namesOfAll = {
  schema: 'validation',
  subresources: 'subresources',
  additionalPrinterColumns: 'additionalPrinterColumns',
  selectableFields: 'selectableFields',
} as const;

type Part = keyof typeof namesOfAll;

const partsOfAll = Object.keys(namesOfAll) as Part[];

/** Of more, each is told of on its own. */
const comparedVersionsMax = 50;

/**
 * Where the API says that a part of a version is: what all versions have alike is one part of the
 * definition, `spec.validation` and not `spec.versions[0].schema`.
 * Source: apiextensions/v1, the conversion to the form that is validated.
 */
export class SharedParts {
  readonly #shared: ReadonlySet<Part>;

  constructor({ versions = [] }: SpecDraft) {
    const [first, ...others] = versions;
    const parts = versions.length > comparedVersionsMax ? [] : partsOfAll;
    this.#shared = new Set(
      parts.filter((part) =>
        others.every((each) => equalsJson(valueOf(first?.[part]), valueOf(each[part]))),
      ),
    );
  }

  has(part: Part): boolean {
    return this.#shared.has(part);
  }

  /** Undefined for a part that an earlier version has told of. */
  pathOf(part: Part, index: number): string | undefined {
    if (!this.has(part)) return `spec.versions[${index}].${part}`;
    return index === 0 ? `spec.${namesOfAll[part]}` : undefined;
  }

  /** The versions as messages show them: without what is a part of the definition. */
  show(versions: SpecDraft['versions']): unknown {
    const shown = (part: Part, value: unknown): unknown => (this.has(part) ? null : value) ?? null;
    return (
      versions?.map((each) => ({
        Name: each.name ?? '',
        Served: each.served ?? false,
        Storage: each.storage ?? false,
        Deprecated: each.deprecated ?? false,
        DeprecationWarning: each.deprecationWarning ?? null,
        Schema: shown('schema', each.schema),
        Subresources: shown('subresources', each.subresources),
        AdditionalPrinterColumns: shown('additionalPrinterColumns', each.additionalPrinterColumns),
        SelectableFields: shown('selectableFields', each.selectableFields),
      })) ?? null
    );
  }
}

function valueOf(part: unknown): JsonValue {
  return (part ?? null) as JsonValue;
}
