import { type JsonValue, type KubernetesObject, stringifyJson } from '@fairway/protocol';

/** A webhook, or a policy by one binding with one set of parameters. */
export interface Reinvocable {
  readonly id: string;
  readonly reinvocationPolicy: string | undefined;
}

/**
 * Who is asked again in the second round: those that want to be (`reinvocationPolicy: IfNeeded`), have been
 * asked, and have not seen what was changed after them. Source: KEP-492.
 */
export class Reinvocations {
  /** Those that may be asked again, since the last change. */
  readonly #asked = new Set<string>();
  readonly #due = new Set<string>();
  #outcome: string | undefined;

  /** Others may have changed the object between the rounds. */
  beginAgain(object: KubernetesObject | undefined): void {
    if (this.#outcome !== textOf(object)) this.noteChange();
  }

  isDue({ id }: Pick<Reinvocable, 'id'>): boolean {
    return this.#due.has(id);
  }

  noteAsked({ id, reinvocationPolicy }: Reinvocable): void {
    if (reinvocationPolicy === 'IfNeeded') this.#asked.add(id);
  }

  /** Who was asked before has not seen it. */
  noteChange(): void {
    for (const id of this.#asked) this.#due.add(id);
    this.#asked.clear();
  }

  /** What those of the first round have left. */
  noteOutcome(object: KubernetesObject | undefined): void {
    this.#outcome = textOf(object);
  }
}

function textOf(object: KubernetesObject | undefined): string | undefined {
  return object === undefined ? undefined : stringifyJson(object as JsonValue);
}
