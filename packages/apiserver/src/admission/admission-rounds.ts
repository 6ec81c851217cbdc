/**
 * How often the plugins of the first phase are asked about one request: once, and once more when a webhook or a
 * policy has changed what those before it had seen. Source: KEP-492, "reinvocationPolicy".
 */
export class AdmissionRounds {
  #number = 0;
  #isAnotherWanted = false;
  /** Few requests have any. */
  #memories: Map<string, unknown> | undefined;

  /** 0, then 1. */
  get number(): number {
    return this.#number;
  }

  get isAnotherWanted(): boolean {
    return this.#isAnotherWanted;
  }

  /** Has all plugins asked again. There is no third round. */
  requireAnother(): void {
    this.#isAnotherWanted = true;
  }

  /** What a plugin keeps for the second round, by its name; the same from the first call on. */
  memoryOf<T>(plugin: string, make: () => T): T {
    const memories = (this.#memories ??= new Map());
    if (!memories.has(plugin)) memories.set(plugin, make());
    return memories.get(plugin) as T;
  }

  /** Whether there is another round, which begins. */
  begin(): boolean {
    if (!this.#isAnotherWanted || this.#number > 0) return false;
    this.#number = 1;
    return true;
  }
}
