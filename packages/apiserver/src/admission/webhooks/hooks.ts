import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhook,
} from '@fairway/kinds/admissionregistration/v1';
import type { StoreEntry } from '@fairway/store';
import { type CalledEndpoint, webhookEndpoint } from '../../calls/webhook-endpoint.ts';
import type { StoredFacts } from '../../reads/stored-facts.ts';
import type { EntryIndex } from '../../storage/followed-index.ts';
import { type RequestMatcher, requestMatcher } from '../matching/request-matcher.ts';

/** A webhook of either kind: `reinvocationPolicy` is of mutating ones alone. */
export type AnyWebhook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>;

/** One webhook of a configuration, read once for many requests. */
export interface Hook {
  /** The same for as long as its configuration has it, and no other has it. */
  readonly id: string;
  readonly configuration: string;
  readonly webhook: AnyWebhook;
  readonly match: RequestMatcher;
  readonly endpoint: CalledEndpoint;
}

/** The webhooks of all configurations, in the order in which they are asked: by name, then as they are listed. */
export class HooksByConfiguration implements EntryIndex {
  readonly #facts: StoredFacts;
  readonly #entries = new Map<string, StoreEntry>();
  #all: readonly Hook[] | undefined;

  constructor(facts: StoredFacts) {
    this.#facts = facts;
  }

  get all(): readonly Hook[] {
    return (this.#all ??= this.#read());
  }

  put(entry: StoreEntry): void {
    this.#entries.set(entry.key, entry);
    this.#all = undefined;
  }

  delete({ key }: StoreEntry): void {
    this.#entries.delete(key);
    this.#all = undefined;
  }

  #read(): readonly Hook[] {
    const configurations = [...this.#entries.values()].map(
      (entry) => this.#facts.objectOf(entry) as MutatingWebhookConfiguration,
    );
    return configurations.toSorted(byName).flatMap(({ metadata, webhooks = [] }) => {
      const configuration = metadata?.name ?? '';
      return webhooks.map((webhook) => hookOf(configuration, webhook));
    });
  }
}

function byName(one: MutatingWebhookConfiguration, other: MutatingWebhookConfiguration): number {
  return (one.metadata?.name ?? '') < (other.metadata?.name ?? '') ? -1 : 1;
}

/** What is stored has passed validation, so that selectors can be read; names are unique in a configuration. */
function hookOf(configuration: string, webhook: AnyWebhook): Hook {
  const { rules = [], matchPolicy = 'Equivalent', namespaceSelector, objectSelector } = webhook;
  return {
    id: `${configuration}/${webhook.name}`,
    configuration,
    webhook,
    match: requestMatcher({
      rules,
      matchPolicy,
      ...(namespaceSelector && { namespaceSelector }),
      ...(objectSelector && { objectSelector }),
    }),
    endpoint: webhookEndpoint(webhook.clientConfig),
  };
}
