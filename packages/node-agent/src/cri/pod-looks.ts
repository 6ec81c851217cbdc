import type { ContainerRecord } from '../runtime/container.ts';
import { newestFirst } from '../runtime/newest-first.ts';
import type { RuntimePod } from '../runtime/pod-runtime.ts';
import type { SandboxRecord } from '../runtime/sandbox.ts';
import { unlessGone } from './as-runtime-error.ts';
import type { CriClient } from './cri-client.ts';
import type { CriMessage } from './messages.ts';
import { addressesOf, containerRecord, containerState, sandboxRecord } from './read-records.ts';

interface SeenSandbox {
  readonly record: SandboxRecord;
  readonly pod: Omit<RuntimePod, 'sandboxes' | 'containers'>;
}

/**
 * Looks at all pods of a runtime. Its lists leave out addresses and exit codes, which are asked for
 * one by one and only when the list tells something new: what has ended, or runs on, does not change.
 */
export class PodLooks {
  readonly #client: CriClient;
  #sandboxes = new Map<string, SeenSandbox>();
  #containers = new Map<string, ContainerRecord>();

  constructor(client: CriClient) {
    this.#client = client;
  }

  async look(): Promise<readonly RuntimePod[]> {
    const [{ items = [] }, { containers = [] }] = await Promise.all([
      this.#client.call('ListPodSandbox', {}),
      this.#client.call('ListContainers', {}),
    ]);
    const [sandboxes, records] = await Promise.all([
      Promise.all(items.map((item) => this.#sandbox(item))),
      Promise.all(containers.map((container) => this.#container(container))),
    ]);
    this.#sandboxes = new Map(sandboxes.filter(isThere).map((seen) => [seen.record.id, seen]));
    this.#containers = new Map(records.filter(isThere).map((record) => [record.id, record]));
    return this.#byPod();
  }

  async findContainer(id: string): Promise<ContainerRecord | undefined> {
    const { containers = [] } = await this.#client.call('ListContainers', { filter: { id } });
    const listed = containers.find((each) => each.id === id);
    return listed && (await this.#container(listed));
  }

  /** Of a sandbox or container, as the last look has it. */
  podUidOf(id: string): string | undefined {
    const sandboxId = this.#containers.get(id)?.sandboxId ?? id;
    return this.#sandboxes.get(sandboxId)?.pod.uid;
  }

  #byPod(): readonly RuntimePod[] {
    const seen = [...this.#sandboxes.values()];
    const containers = [...this.#containers.values()];
    return [...Map.groupBy(seen, ({ pod }) => pod.uid).values()].flatMap((sandboxes) => {
      const [first] = sandboxes;
      if (first === undefined) return [];
      const ids = new Set(sandboxes.map(({ record }) => record.id));
      return {
        ...first.pod,
        sandboxes: sandboxes.map(({ record }) => record).sort(newestFirst),
        containers: containers.filter(({ sandboxId }) => ids.has(sandboxId)).sort(newestFirst),
      };
    });
  }

  async #sandbox(listed: CriMessage<'PodSandbox'>): Promise<SeenSandbox | undefined> {
    const { id = '', metadata: { uid = '', name = '', namespace = '' } = {} } = listed;
    const pod = { uid, name, namespace };
    const known = this.#sandboxes.get(id)?.record;
    const record = sandboxRecord(listed, known?.addresses ?? []);
    if (known?.isReady === record.isReady) return { record, pod };
    const answer = await unlessGone(this.#client.call('PodSandboxStatus', { podSandboxId: id }));
    if (answer === undefined) return undefined;
    return { record: { ...record, addresses: addressesOf(answer.status) }, pod };
  }

  async #container(listed: CriMessage<'Container'>): Promise<ContainerRecord | undefined> {
    const { id = '', podSandboxId = '' } = listed;
    const known = this.#containers.get(id);
    if (known?.state === containerState(listed.state)) return known;
    const answer = await unlessGone(this.#client.call('ContainerStatus', { containerId: id }));
    return answer?.status && containerRecord(podSandboxId, answer.status);
  }
}

function isThere<Value>(value: Value | undefined): value is Value {
  return value !== undefined;
}
