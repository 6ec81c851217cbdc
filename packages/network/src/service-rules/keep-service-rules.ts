import type { Clock, Logger, Random } from '@fairway/host';
import { Service } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import {
  type Informer,
  type Informers,
  type Requeue,
  informerSource,
  keyOf,
  leanInformer,
  requeueAfter,
  runReconcileLoop,
} from '@fairway/reconcile';
import { slicesByService } from '../service-slices.ts';
import type { Nft } from './nft.ts';
import { type NftTable, changeScript, fullScript, removalScript } from './nft-script.ts';
import { type Ruleset, rulesetOf } from './ruleset.ts';
import { type ServicePort, type ServingNode, servicePorts } from './service-port.ts';

/** How soon rules are there again that somebody else has taken away. */
const lookEveryMs = 10_000;

export interface ServiceRulesParts {
  readonly informers: Informers;
  readonly table: NftTable;
  readonly node: ServingNode;
  readonly nft: Nft;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * Has addresses of services lead to their programs, on this machine, until the signal aborts; then they lead
 * nowhere again.
 */
export async function keepServiceRules(
  parts: ServiceRulesParts,
  signal: AbortSignal,
): Promise<void> {
  const { informers, clock, random, logger, nft, table } = parts;
  const services = leanInformer(informers, Service);
  const slices = leanInformer(informers, EndpointSlice);
  const keeper = new RuleKeeper(parts, { services, slicesOf: slicesByService(slices) });
  const everything = (): readonly string[] => ['rules'];
  try {
    await runReconcileLoop(
      {
        name: 'service-rules',
        clock,
        random,
        logger,
        sources: [informerSource(services, everything), informerSource(slices, everything)],
        firstKeys: everything(),
        reconcile: () => keeper.keep(),
      },
      signal,
    );
  } finally {
    await nft.apply(removalScript(table));
  }
}

class RuleKeeper {
  readonly #parts: ServiceRulesParts;
  readonly #services: Informer<Service>;
  readonly #slicesOf: ReturnType<typeof slicesByService>;
  /** What the table holds; undefined: nobody knows. */
  #applied: Ruleset | undefined;
  #lookedMs = 0;

  constructor(
    parts: ServiceRulesParts,
    from: {
      readonly services: Informer<Service>;
      readonly slicesOf: ReturnType<typeof slicesByService>;
    },
  ) {
    this.#parts = parts;
    this.#services = from.services;
    this.#slicesOf = from.slicesOf;
  }

  async keep(): Promise<Requeue> {
    const { nft, table, clock, logger } = this.#parts;
    if (clock.elapsed() - this.#lookedMs >= lookEveryMs) {
      this.#lookedMs = clock.elapsed();
      if (this.#applied !== undefined && !(await nft.hasTable(table.name))) {
        logger.warn('the rules of services were taken away, and are put back', {
          table: table.name,
        });
        this.#applied = undefined;
      }
    }
    const wanted = rulesetOf(this.#ports());
    const before = this.#applied;
    const script =
      before === undefined ? fullScript(table, wanted) : changeScript(table, before, wanted);
    // Until it is through nobody knows what holds.
    this.#applied = undefined;
    if (script !== '') await nft.apply(script);
    this.#applied = wanted;
    return requeueAfter(lookEveryMs);
  }

  #ports(): readonly ServicePort[] {
    const { node } = this.#parts;
    const known = [...this.#services.objects()].toSorted((one, other) =>
      keyOf(one) < keyOf(other) ? -1 : 1,
    );
    return known.flatMap((service) => servicePorts(service, this.#slicesOf(keyOf(service)), node));
  }
}
