import type { AuthenticatedRequest } from '@fairway/access';
import type { Clock } from '@fairway/host';
import type { FlowSchema, PriorityLevelConfiguration } from '@fairway/kinds/flowcontrol/v1';
import type { StoreEntry } from '@fairway/store';
import { decodeStored } from '../storage/object-bytes.ts';
import type { FairnessMetrics } from './fairness-metrics.ts';
import type { RangeFollower } from '../storage/follow-range.ts';
import { groupRange, resourcePrefix } from '../storage/storage-key.ts';
import {
  defaultFlowSchemas,
  defaultPriorityLevels,
  mandatoryNames,
} from './default-flow-control.ts';
import type { Turn } from './request-queue.ts';
import { type FlowMatcher, type SortedRequest, matchersOf } from './flow-schemas.ts';
import { type PriorityLevel, PriorityLevels } from './priority-levels.ts';

const group = 'flowcontrol.apiserver.k8s.io';

/** The keys of all flow schemas and priority levels. */
export const flowControlRange = groupRange(group);
const schemaPrefix = resourcePrefix({ group, plural: 'flowschemas' });

/** Where a request belongs, and how its answer says so. */
export interface SortedInto {
  readonly schema: FlowMatcher;
  readonly level: PriorityLevel;
  readonly headers: Readonly<Record<string, string>>;
}

/** A part of the wait that a request has at most: of the time in which it must be answered. */
const waitShare = 1 / 4;

/**
 * Sorts requests into priority levels by the flow schemas of the store, and has them wait there for
 * their turn.
 *
 * Source: Kubernetes API Priority and Fairness; KEP-1040.
 */
export class RequestFairness implements RangeFollower {
  readonly levels: PriorityLevels;
  readonly #waitMsMax: number;
  readonly #seatsOf: (request: AuthenticatedRequest) => number | Promise<number>;
  readonly #onChange: () => void;
  readonly #metrics: FairnessMetrics;
  readonly #schemas = new Map<string, FlowSchema>();
  readonly #configurations = new Map<string, PriorityLevelConfiguration>();
  /** In the order in which they are asked. */
  #sorted: readonly SortedInto[] = [];

  constructor(options: {
    readonly clock: Clock;
    /** What all levels share. */
    readonly seatsTotal: number;
    /** In which a request must be answered. */
    readonly timeoutMs: number;
    readonly seatsOf: (request: AuthenticatedRequest) => number | Promise<number>;
    /** Told when a schema or level has come, changed or gone. */
    readonly onChange?: () => void;
    readonly fairnessMetrics: FairnessMetrics;
  }) {
    this.levels = new PriorityLevels(options);
    this.#waitMsMax = options.timeoutMs * waitShare;
    this.#seatsOf = options.seatsOf;
    this.#onChange = options.onChange ?? (() => {});
    this.#metrics = options.fairnessMetrics;
    this.#take(defaultFlowSchemas, defaultPriorityLevels);
  }

  get schemas(): ReadonlyMap<string, FlowSchema> {
    return this.#schemas;
  }

  get configurations(): ReadonlyMap<string, PriorityLevelConfiguration> {
    return this.#configurations;
  }

  sort(request: SortedRequest): SortedInto {
    // Only a user without the groups that everybody has belongs nowhere; the last one is the catch-all.
    const into = this.#sorted.find(({ schema }) => schema.matches(request)) ?? this.#sorted.at(-1);
    if (into === undefined) throw new Error('there is no flow schema');
    return into;
  }

  /** Answers at once unless the request has to wait. */
  enter(request: AuthenticatedRequest, into: SortedInto): Turn | Promise<Turn> {
    const seats = into.level.isExempt ? 1 : this.#seatsOf(request);
    if (typeof seats === 'number') return this.#enter(request, into, seats);
    return seats.then((measured) => this.#enter(request, into, measured));
  }

  #enter(request: AuthenticatedRequest, into: SortedInto, seats: number): Turn | Promise<Turn> {
    const { schema, level } = into;
    const turn = this.levels.enter(level, {
      asked: request,
      schemaName: schema.name,
      distinguisher: schema.distinguisherOf(request),
      seats: Math.min(seats, requestSeatsMax(level)),
      signal: request.signal,
      waitMsMax: this.#waitMsMax,
    });
    return this.#metrics.counted({ levelName: level.name, schemaName: schema.name }, turn);
  }

  reset(entries: readonly StoreEntry[]): void {
    const objects = entries.map((entry) => [isSchema(entry), decodeStored(entry.value)] as const);
    this.#take(
      objects.filter(([isOne]) => isOne).map(([, object]) => object as FlowSchema),
      objects.filter(([isOne]) => !isOne).map(([, object]) => object as PriorityLevelConfiguration),
    );
  }

  put(entry: StoreEntry): void {
    const object = decodeStored(entry.value);
    const name = object.metadata?.name ?? '';
    if (isSchema(entry)) this.#schemas.set(name, object as FlowSchema);
    else this.#configurations.set(name, object as PriorityLevelConfiguration);
    this.#apply();
  }

  delete(previous: StoreEntry): void {
    const name = decodeStored(previous.value).metadata?.name ?? '';
    (isSchema(previous) ? this.#schemas : this.#configurations).delete(name);
    this.#apply();
  }

  #take(
    schemas: readonly FlowSchema[],
    configurations: readonly PriorityLevelConfiguration[],
  ): void {
    this.#schemas.clear();
    this.#configurations.clear();
    for (const each of schemas) this.#schemas.set(each.metadata?.name ?? '', each);
    for (const each of configurations) this.#configurations.set(each.metadata?.name ?? '', each);
    this.#apply();
  }

  #apply(): void {
    this.levels.configure(withMandatory(this.#configurations, defaultPriorityLevels).values());
    const schemas = withMandatory(this.#schemas, defaultFlowSchemas).values();
    this.#sorted = matchersOf(schemas).flatMap((schema) => {
      const level = this.levels.find(schema.levelName);
      if (level === undefined) return [];
      const headers = {
        'x-kubernetes-pf-flowschema-uid': schema.uid,
        'x-kubernetes-pf-prioritylevel-uid': level.uid,
      };
      return [{ schema, level, headers }];
    });
    this.#onChange();
  }
}

/**
 * A request is given no more than this part of its level: also when it has borrowed, six long lists are as
 * many as it runs at once. Source: kube-apiserver.
 */
const requestShareMax = 0.15;

function requestSeatsMax({ queues }: PriorityLevel): number {
  return Math.max(1, Math.ceil(queues.seats * requestShareMax));
}

/** Without these some request would belong nowhere. */
function withMandatory<T extends FlowSchema | PriorityLevelConfiguration>(
  stored: ReadonlyMap<string, T>,
  defaults: readonly T[],
): ReadonlyMap<string, T> {
  const missing = defaults
    .map((each) => [each.metadata?.name ?? '', each] as const)
    .filter(([name]) => mandatoryNames.has(name) && !stored.has(name));
  return missing.length === 0 ? stored : new Map([...stored, ...missing]);
}

function isSchema({ key }: StoreEntry): boolean {
  return key.startsWith(schemaPrefix);
}
