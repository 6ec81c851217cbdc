import type { TestServer } from '@fairway/apiserver/testing';
import type { KubernetesObject, OwnerReference } from '@fairway/protocol';
import type { RecordedEvent, ShownObject, Story } from './story.ts';

const clusterScoped = new Set([
  'Node',
  'Namespace',
  'PersistentVolume',
  'StorageClass',
  'CertificateSigningRequest',
]);

/** Where objects of a kind lie. */
export function pathOf(
  { apiVersion = 'v1', kind = '' }: KubernetesObject,
  namespace: string,
): string {
  const version = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const lower = kind.toLowerCase();
  const plural = lower.endsWith('s') ? (kind === 'Endpoints' ? lower : `${lower}es`) : `${lower}s`;
  return clusterScoped.has(kind)
    ? `${version}/${plural}`
    : `${version}/namespaces/${namespace}/${plural}`;
}

/** What every namespace gets was left out of the recording. */
const leftOut = new Set(['ConfigMap/kube-root-ca.crt', 'ServiceAccount/default']);

/** What there is in the cluster of the kinds and the namespace of a story. */
export class WatchedWorld {
  readonly #server: TestServer;
  readonly #namespace: string;
  readonly #paths: ReadonlyMap<string, string>;
  readonly #names: ReadonlySet<string>;
  /** How often each event had happened at the end of the last step. */
  #counts: ReadonlyMap<string, number> = new Map();
  #objects: readonly ShownObject[] = [];

  constructor(server: TestServer, { namespace = 'default', steps }: Story) {
    this.#server = server;
    this.#namespace = namespace;
    const shown = steps.flatMap(({ objects }) => objects);
    const inFull = shown.filter(({ apiVersion }) => apiVersion !== undefined);
    this.#paths = new Map(inFull.map((each) => [each.kind, pathOf(each, namespace)]));
    this.#names = new Set(shown.map(({ kind, metadata }) => `${kind}/${metadata?.name ?? ''}`));
  }

  async objects(): Promise<readonly ShownObject[]> {
    const lists = await Promise.all(
      [...this.#paths].map(async ([kind, path]) => {
        const { json } = await this.#server.expect(200, 'GET', path);
        return json.items.map((each) => shownOf(kind, each)).filter((each) => this.#isMeant(each));
      }),
    );
    this.#objects = lists.flat();
    return this.#objects;
  }

  #isMeant({ kind, metadata }: ShownObject): boolean {
    const key = `${kind}/${metadata?.name ?? ''}`;
    return !leftOut.has(key) && (!clusterScoped.has(kind) || this.#names.has(key));
  }

  /** Those that happened, or happened again, in this step. */
  async newEvents(): Promise<readonly RecordedEvent[]> {
    const events = await this.#events();
    return events
      .filter(({ metadata, count = 1 }) => (this.#counts.get(metadata?.uid ?? '') ?? 0) < count)
      .map((each) => this.#recordedForm(each));
  }

  async forgetEvents(): Promise<void> {
    const events = await this.#events();
    this.#counts = new Map(events.map(({ metadata, count = 1 }) => [metadata?.uid ?? '', count]));
  }

  async #events(): Promise<readonly StoredEvent[]> {
    const { json } = await this.#server.expect(200, 'GET', '/api/v1/events');
    const events = json.items as readonly StoredEvent[];
    return events.filter(({ metadata, involvedObject: { kind, name } }) => {
      if (metadata?.namespace === this.#namespace) return true;
      return clusterScoped.has(kind) && this.#names.has(`${kind}/${name}`);
    });
  }

  #recordedForm(event: StoredEvent): RecordedEvent {
    const { reason, type, message, source, reportingComponent, involvedObject, count } = event;
    const { kind, name } = involvedObject;
    const { namespace = '' } = event.metadata ?? {};
    const isOwn = namespace === this.#namespace;
    return {
      reason,
      type,
      message,
      source,
      // Less was recorded of events that are not in the namespace of the story.
      ...(reportingComponent === '' || !isOwn ? {} : { reportingController: reportingComponent }),
      involvedObject: { kind, name },
      count,
      ...(isOwn ? {} : { namespace }),
    };
  }

  /** Masks hide uids; what refers to an object that there is has to name its uid. */
  wrongUid(): string | undefined {
    const uids = new Map(
      this.#objects.map(({ kind, metadata }) => [`${kind}/${metadata?.name ?? ''}`, metadata?.uid]),
    );
    for (const { kind, metadata } of this.#objects) {
      for (const owner of (metadata?.ownerReferences ?? []) as readonly OwnerReference[]) {
        const uid = uids.get(`${owner.kind}/${owner.name}`);
        if (uid !== undefined && uid !== owner.uid) {
          return `${kind}/${metadata?.name ?? ''} has an owner ${owner.kind}/${owner.name} of another uid`;
        }
      }
    }
    return undefined;
  }
}

interface StoredEvent extends KubernetesObject {
  readonly reason: string;
  readonly type: string;
  readonly message: string;
  readonly source: object;
  readonly reportingComponent?: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly count?: number;
}

function shownOf(kind: string, object: KubernetesObject): ShownObject {
  const { managedFields: _, ...metadata } = object.metadata ?? {};
  return { ...object, kind, metadata };
}
