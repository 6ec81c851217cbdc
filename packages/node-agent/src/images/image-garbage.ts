import { type Clock, type FileSystemFacts, type Logger, sleep } from '@fairway/host';
import type { EventText } from '@fairway/reconcile';
import type { ImageRecord, ImageStore } from '../runtime/image-store.ts';
import type { PodRuntime } from '../runtime/pod-runtime.ts';

export interface ImageGarbageParts {
  readonly runtime: Pick<PodRuntime, 'listPods'>;
  readonly store: ImageStore;
  /** That of which the sandboxes of pods are made; not every runtime says that it is pinned. */
  readonly sandboxImage: string;
  /** Of the file system that the images are in. */
  readonly room: () => Promise<FileSystemFacts>;
  /** Tells of the node. */
  readonly record: (event: EventText) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

const everyMs = 300_000;
/** Above so much of the disk images are taken away, until no more than the other is used. */
const highPercent = 85;
const lowPercent = 80;
/** An image that came so short a time ago is perhaps about to be used. */
const ageMsMin = 120_000;

/**
 * Takes images away that no container uses while the disk is too full, until the signal aborts: those first
 * that were not used for the longest time.
 *
 * Source: Kubernetes documentation, "Garbage Collection", unused container images.
 */
export async function collectImages(
  garbage: ImageGarbage,
  { clock, logger }: Pick<ImageGarbageParts, 'clock' | 'logger'>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await garbage.collect();
    } catch (error) {
      logger.warn('the images of this node are not looked at', { error });
    }
    await sleep(clock, everyMs, signal).catch(() => {});
  }
}

/** What is known of an image since the agent has begun, by the clock that does not jump. */
interface Sighting {
  readonly firstMs: number;
  readonly usedMs: number;
}

/** Looks at images again and again. */
export class ImageGarbage {
  readonly #parts: ImageGarbageParts;
  #sightings: ReadonlyMap<string, Sighting> = new Map();

  constructor(parts: ImageGarbageParts) {
    this.#parts = parts;
  }

  async collect(): Promise<void> {
    const { room, record } = this.#parts;
    const unused = await this.#unused();
    const wantedBytes = bytesToFree(await room());
    if (wantedBytes <= 0) return;
    const freedBytes = await this.#free(unused, wantedBytes);
    if (freedBytes >= wantedBytes) return;
    const message =
      `Failed to garbage collect required amount of images. Attempted to free ${wantedBytes} bytes, ` +
      `but only found ${freedBytes} bytes eligible to free.`;
    record({ type: 'Warning', reason: 'FreeDiskSpaceFailed', message });
  }

  /** Takes all images away that no container uses, however much room there is. */
  async removeUnused(): Promise<void> {
    await this.#free(await this.#unused(), Infinity);
  }

  /** Those that may be taken away, the first one first. */
  async #unused(): Promise<readonly ImageRecord[]> {
    const { store, clock } = this.#parts;
    const nowMs = clock.elapsed();
    const images = await store.list();
    const used = await this.#used(images);
    this.#sightings = new Map(images.map((each) => [each.id, this.#sighting(each, used, nowMs)]));
    return this.#candidates(images, used, nowMs);
  }

  /** Answers how much was freed. */
  async #free(images: readonly ImageRecord[], wantedBytes: number): Promise<number> {
    let freedBytes = 0;
    for (const image of images) {
      if (freedBytes >= wantedBytes) break;
      await this.#parts.store.remove(image.id);
      freedBytes += image.sizeBytes;
    }
    return freedBytes;
  }

  /** By their identifiers. Containers name images in several ways. */
  async #used(images: readonly ImageRecord[]): Promise<ReadonlySet<string>> {
    const pods = await this.#parts.runtime.listPods();
    const names = new Set(
      pods.flatMap(({ containers }) =>
        containers.flatMap(({ image, imageId }) => [image, imageId]),
      ),
    );
    const inUse = images.filter(({ id, tags, digests }) =>
      [id, ...tags, ...digests].some((name) => names.has(name)),
    );
    return new Set(inUse.map(({ id }) => id));
  }

  #sighting({ id }: ImageRecord, used: ReadonlySet<string>, nowMs: number): Sighting {
    const { firstMs = nowMs, usedMs = 0 } = this.#sightings.get(id) ?? {};
    return { firstMs, usedMs: used.has(id) ? nowMs : usedMs };
  }

  #candidates(
    images: readonly ImageRecord[],
    used: ReadonlySet<string>,
    nowMs: number,
  ): readonly ImageRecord[] {
    const sighting = ({ id }: ImageRecord): Sighting =>
      this.#sightings.get(id) ?? { firstMs: nowMs, usedMs: 0 };
    return images
      .filter((each) => !each.isPinned && !each.tags.includes(this.#parts.sandboxImage))
      .filter((each) => !used.has(each.id))
      .filter((each) => nowMs - sighting(each).firstMs >= ageMsMin)
      .toSorted((one, other) => {
        const [a, b] = [sighting(one), sighting(other)];
        return a.usedMs - b.usedMs || a.firstMs - b.firstMs;
      });
  }
}

/** None below the higher bound. */
function bytesToFree({ sizeBytes, freeBytes }: FileSystemFacts): number {
  const usedPercent = 100 - Math.floor((freeBytes * 100) / sizeBytes);
  if (usedPercent < highPercent) return 0;
  return Math.floor((sizeBytes * (100 - lowPercent)) / 100) - freeBytes;
}
