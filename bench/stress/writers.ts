import { Caller, CutOffError, type Stress, configMaps } from './stress.ts';

const keysEach = 5;

interface Known {
  /** The number of the last write that is known to have happened. */
  number: number;
  exists: boolean;
}

/**
 * Writes its own config maps, one write at a time, each with the number that follows the last one's,
 * and looks after each kill whether everything that was acknowledged is there.
 */
export class Writer {
  readonly #stress: Stress;
  readonly #names: readonly string[];
  readonly #known = new Map<string, Known>();

  constructor(stress: Stress, name: string) {
    this.#stress = stress;
    this.#names = Array.from({ length: keysEach }, (_, at) => `${name}-${at}`);
    for (const each of this.#names) this.#known.set(each, { number: 0, exists: false });
  }

  async run(): Promise<void> {
    await using caller = new Caller(this.#stress.server);
    const { signal, random, report } = this.#stress;
    while (!signal.aborted) {
      const name = this.#names[Math.floor(random.fraction() * keysEach)] as string;
      try {
        await this.#write(caller, name);
        report.count('acknowledged writes');
      } catch (error) {
        if (!(error instanceof CutOffError)) throw error;
        await this.judge(caller, { unknown: name });
      }
    }
    await this.judge(caller, {});
  }

  /** Compares what is there with what was acknowledged; of `unknown` the next write may be there. */
  async judge(caller: Caller, { unknown }: { readonly unknown?: string }): Promise<void> {
    for (const [name, known] of this.#known) {
      const { status, text } = await askAgain(caller, name);
      const exists = status === 200;
      const number = exists ? numberOf(text) : known.number;
      const isAsKnown = exists === known.exists && number === known.number;
      const isNext =
        name === unknown && (exists ? number === known.number + 1 : known.exists && status === 404);
      if (!isAsKnown && !isNext) {
        const seen = exists ? `write ${number}` : `nothing (${status})`;
        const wanted = known.exists ? `write ${known.number}` : 'nothing';
        this.#stress.report.broken(
          `an acknowledged write was lost: ${name}: ${seen}, not ${wanted}`,
        );
      }
      known.exists = exists;
      known.number = number;
    }
  }

  async #write(caller: Caller, name: string): Promise<void> {
    const known = this.#known.get(name) as Known;
    const isDelete = known.exists && this.#stress.random.fraction() < 0.2;
    const number = known.number + 1;
    const answer = isDelete
      ? await caller.ask({ method: 'DELETE', path: `${configMaps}/${name}`, body: '{}' })
      : await caller.ask({
          method: known.exists ? 'PUT' : 'POST',
          path: known.exists ? `${configMaps}/${name}` : configMaps,
          body: JSON.stringify({ metadata: { name }, data: { number: String(number) } }),
        });
    if (answer.status >= 300) {
      return this.#stress.report.broken(
        `a write of ${name} was answered ${answer.status}: ${answer.text}`,
      );
    }
    known.exists = !isDelete;
    if (!isDelete) known.number = number;
  }
}

async function askAgain(caller: Caller, name: string) {
  while (true) {
    try {
      return await caller.ask({ path: `${configMaps}/${name}` });
    } catch (error) {
      if (!(error instanceof CutOffError)) throw error;
    }
  }
}

/** The number of the write that made an object. */
export function numberOf(json: string): number {
  const { data } = JSON.parse(json) as { data?: { number?: string } };
  return Number(data?.number);
}
