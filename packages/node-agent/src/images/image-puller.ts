import type { Clock, Files } from '@fairway/host';
import type { Secret } from '@fairway/kinds/core/v1';
import { formatDuration } from '@fairway/protocol';
import type { EventText } from '@fairway/reconcile';
import { containerEvent, containerWarning } from '../pod-lifecycle/container-events.ts';
import type { AnyPod, PodContainer } from '../pod-lifecycle/pod-containers.ts';
import type { PodSources } from '../sources/pod-sources.ts';
import type { ImageRecord, ImageStore, RegistryCredentials } from '../runtime/image-store.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';
import {
  ImageNameError,
  type ImageReference,
  parseImageReference,
} from '../oci/image-reference.ts';
import { type PullPause, PullPauses } from './pull-pauses.ts';
import { PullRecords } from './pull-records.ts';
import { registryCredentials } from './registry-credentials.ts';
import { SharedPulls } from './shared-pulls.ts';

/** Where the images of containers come from. */
export interface ImagePuller {
  /**
   * The image of a container on this machine, fetched if its policy asks for it; or why the container waits.
   * What there is to tell of it is recorded while it happens.
   */
  ensure(
    pod: AnyPod,
    container: PodContainer,
    record: (event: EventText) => void,
  ): Promise<ImageOutcome>;
}

export type ImageOutcome =
  | { readonly kind: 'present'; readonly image: ImageRecord }
  | {
      readonly kind: 'waiting';
      readonly reason: ImageTrouble;
      readonly message: string;
      /** When to ask again, in milliseconds since 1970. */
      readonly retryAtMs?: number;
    };

/** Why a container waits for its image, as its status says it. */
export type ImageTrouble =
  | 'ErrImagePull'
  | 'ImagePullBackOff'
  | 'ErrImageNeverPull'
  | 'ImageInspectError'
  | 'InvalidImageName';

export interface ImagePullerParts {
  readonly store: ImageStore;
  /** Where the secrets are to which a pod refers. */
  readonly sources: (pod: AnyPod) => Pick<PodSources, 'secret'>;
  readonly clock: Clock;
  readonly files: Files;
  /** Where it is written down who has pulled what. */
  readonly recordFile: string;
  /** What somebody can do when an image cannot be had: `load it with …`. */
  readonly remedy?: string;
}

/** After so long a container whose image could not be had is told to wait, as it will for some time. */
const untilBackOffMs = 1_000;
/** How often is looked whether a container still has to wait: its image may have been loaded. */
const lookAgainMs = 10_000;

/**
 * Fetches the images of containers as a kubelet does: by their policies, with the credentials of their pods,
 * one pull for all who want the same, and after a failure not again at once.
 *
 * Source: Kubernetes documentation, "Images"; the words of a kubelet 1.36.
 */
export function createImagePuller(parts: ImagePullerParts): ImagePuller {
  const pauses = new PullPauses(parts.clock);
  const records = new PullRecords(parts);
  const pulls = new SharedPulls({ ...parts, records });
  return {
    ensure: (pod, container, record) =>
      new ImageRequest({ ...parts, records, pauses, pulls }, { pod, container, record }).ensure(),
  };
}

interface RequestParts extends ImagePullerParts {
  readonly records: PullRecords;
  readonly pauses: PullPauses;
  readonly pulls: SharedPulls;
}

interface ImageWish {
  readonly pod: AnyPod;
  readonly container: PodContainer;
  readonly record: (event: EventText) => void;
}

/** One container that wants its image. */
class ImageRequest {
  readonly #parts: RequestParts;
  readonly #wish: ImageWish;
  /** As the pod says it. */
  readonly #name: string;
  readonly #quoted: string;

  constructor(parts: RequestParts, wish: ImageWish) {
    this.#parts = parts;
    this.#wish = wish;
    this.#name = wish.container.spec.image ?? '';
    this.#quoted = JSON.stringify(this.#name);
  }

  async ensure(): Promise<ImageOutcome> {
    let reference: ImageReference;
    try {
      reference = parseImageReference(this.#name);
    } catch (error) {
      if (error instanceof ImageNameError) return this.#misnamed(error);
      throw error;
    }
    const policy = this.#wish.container.spec.imagePullPolicy ?? defaultPolicy(reference);
    // With its default tag, but not its registry: which one that is, the runtime says.
    const isNamed = reference.tag !== undefined || reference.digest !== undefined;
    const name = isNamed ? this.#name : `${this.#name}:latest`;
    let found: ImageRecord | undefined;
    try {
      if (policy !== 'Always') found = await this.#parts.store.find(name);
      if (found !== undefined && (await this.#mayUse(found, reference))) {
        return this.#present(found);
      }
    } catch (error) {
      if (error instanceof RuntimeError) return this.#uninspected(error);
      throw error;
    }
    return policy === 'Never' ? this.#neverPulled(found) : await this.#pull(name, reference);
  }

  #misnamed({ message: why }: ImageNameError): ImageOutcome {
    const parsing = `couldn't parse image name ${this.#quoted}: ${why}`;
    const message = `Failed to apply default image tag ${this.#quoted}: ${parsing}`;
    this.#warn('InspectFailed', message);
    return this.#waiting('InvalidImageName', message);
  }

  #uninspected({ message: why }: RuntimeError): ImageOutcome {
    const message = `Failed to inspect image ${this.#quoted}: ${why}`;
    this.#warn('InspectFailed', message);
    return this.#waiting('ImageInspectError', message);
  }

  #mayUse(image: ImageRecord, reference: ImageReference): Promise<boolean> {
    const { records } = this.#parts;
    return records.mayUse(image, reference, () => this.#credentials(reference));
  }

  #present(image: ImageRecord): ImageOutcome {
    const where = 'already present on machine and can be accessed by the pod';
    this.#tell('Pulled', `Container image ${this.#quoted} ${where}`);
    return { kind: 'present', image };
  }

  #neverPulled(found: ImageRecord | undefined): ImageOutcome {
    const why =
      found === undefined
        ? 'not present with pull policy of Never'
        : 'present with pull policy of Never but does not have the proper credentials to access the image';
    const message = `Container image ${this.#quoted} is ${why}`;
    this.#warn('ErrImageNeverPull', message);
    return this.#waiting('ErrImageNeverPull', message);
  }

  async #pull(name: string, reference: ImageReference): Promise<ImageOutcome> {
    const { store, pauses, pulls, clock, remedy } = this.#parts;
    // One that has been loaded meanwhile is another one, which nobody has failed to pull.
    const loaded = await store.loadedDigest?.(name);
    const key = [this.#wish.pod.metadata?.uid, this.#name, loaded].join(' ');
    const pause = pauses.pause(key);
    if (pause !== undefined) return this.#backOff(pause);
    const startMs = clock.elapsed();
    const credentials = await this.#credentials(reference);
    this.#tell('Pulling', `Pulling image ${this.#quoted}`);
    try {
      const { image, tookMs } = await pulls.pull({ name, reference, credentials });
      pauses.succeeded(key);
      const times = `in ${shown(tookMs)} (${shown(clock.elapsed() - startMs)} including waiting)`;
      const size = `Image size: ${image.sizeBytes} bytes.`;
      this.#tell('Pulled', `Successfully pulled image ${this.#quoted} ${times}. ${size}`);
      return { kind: 'present', image };
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      const why = remedy === undefined ? error.message : `${error.message}; ${remedy}`;
      pauses.failed(key, why);
      this.#warn('Failed', `Failed to pull image ${this.#quoted}: ${why}`);
      return this.#waiting('ErrImagePull', why, untilBackOffMs);
    }
  }

  #backOff({ why, leftMs }: PullPause): ImageOutcome {
    const message = `Back-off pulling image ${this.#quoted}`;
    this.#tell('BackOff', message);
    const afterMs = Math.min(leftMs, lookAgainMs);
    return this.#waiting('ImagePullBackOff', `${message}: ErrImagePull: ${why}`, afterMs);
  }

  async #credentials(reference: ImageReference): Promise<readonly RegistryCredentials[]> {
    return registryCredentials(await this.#secrets(), reference);
  }

  /** Those of the pod's that are there; of others there is an event. */
  async #secrets(): Promise<readonly Secret[]> {
    const { pod, record } = this.#wish;
    const sources = this.#parts.sources(pod);
    const names = (pod.spec?.imagePullSecrets ?? []).flatMap(({ name = '' }) => name || []);
    const found: Secret[] = [];
    const missing: string[] = [];
    for (const name of names) {
      const secret = await sources.secret(name);
      if (secret === undefined) missing.push(name);
      else found.push(secret);
    }
    if (missing.length > 0) {
      const what = `Unable to retrieve some image pull secrets (${missing.join(', ')})`;
      const message = `${what}; attempting to pull the image may not succeed.`;
      record({ type: 'Warning', reason: 'FailedToRetrieveImagePullSecret', message });
    }
    return found;
  }

  #waiting(reason: ImageTrouble, message: string, afterMs?: number): ImageOutcome {
    this.#warn('Failed', `Error: ${reason}`);
    const retry = afterMs === undefined ? {} : { retryAtMs: this.#parts.clock.now() + afterMs };
    return { kind: 'waiting', reason, message, ...retry };
  }

  #tell(reason: string, message: string): void {
    this.#wish.record(containerEvent(this.#wish.container, reason, message));
  }

  #warn(reason: string, message: string): void {
    this.#wish.record(containerWarning(this.#wish.container, reason, message));
  }
}

function defaultPolicy({ tag, digest }: ImageReference): 'Always' | 'IfNotPresent' {
  const isMoving = tag === 'latest' || (tag === undefined && digest === undefined);
  return isMoving ? 'Always' : 'IfNotPresent';
}

function shown(durationMs: number): string {
  return formatDuration(Math.trunc(durationMs));
}
