import type { Ruleset } from './ruleset.ts';

/** Makes a ruleset, piece by piece. */
export class RulesetBuilder {
  readonly #chains = new Map<string, readonly string[]>();
  readonly #sets = new Map<string, string>();
  readonly #elements: Map<string, Map<string, string>>;

  /** `filled`: the maps and sets of the frame, which every ruleset fills. */
  constructor(filled: readonly string[]) {
    this.#elements = new Map(filled.map((name) => [name, new Map()]));
  }

  get ruleset(): Ruleset {
    return { chains: this.#chains, sets: this.#sets, elements: this.#elements };
  }

  chain(name: string, rules: readonly string[]): void {
    this.#chains.set(name, rules);
  }

  /** A set that is not of the frame; without elements it is to be empty. */
  set(name: string, definition: string): void {
    this.#sets.set(name, definition);
    if (!this.#elements.has(name)) this.#elements.set(name, new Map());
  }

  /** An element of a map, or of a set where there is no value. */
  element(name: string, key: string, value = ''): void {
    const elements = this.#elements.get(name) ?? new Map<string, string>();
    this.#elements.set(name, elements.set(key, value));
  }
}
