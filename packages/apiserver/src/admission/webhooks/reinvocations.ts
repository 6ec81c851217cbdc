import type { KubernetesObject } from '@fairway/protocol';
import type { Hook } from './hooks.ts';

/**
 * Which webhooks are asked again in the second round: those that want to be (`reinvocationPolicy: IfNeeded`), have
 * been asked, and have not seen what was changed after them. Source: KEP-492.
 */
export class Reinvocations {
  /** Those that may be asked again, since the last change. */
  readonly #asked = new Set<string>();
  readonly #due = new Set<string>();
  #outcome: string | undefined;

  /** Others may have changed the object between the rounds. */
  beginAgain(object: KubernetesObject | undefined): void {
    if (this.#outcome !== JSON.stringify(object)) this.noteChange();
  }

  isDue({ id }: Hook): boolean {
    return this.#due.has(id);
  }

  noteAsked({ id, webhook }: Hook): void {
    if (webhook.reinvocationPolicy === 'IfNeeded') this.#asked.add(id);
  }

  /** Who was asked before has not seen it. */
  noteChange(): void {
    for (const id of this.#asked) this.#due.add(id);
    this.#asked.clear();
  }

  /** What the webhooks of the first round have left. */
  noteOutcome(object: KubernetesObject | undefined): void {
    this.#outcome = JSON.stringify(object);
  }
}
