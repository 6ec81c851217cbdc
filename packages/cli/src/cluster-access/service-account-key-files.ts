import {
  ServiceAccountKeyError,
  type ServiceAccountKeys,
  loadServiceAccountKeys,
  readSigningKey,
  readVerificationKeys,
  serviceAccountKeys,
} from '@fairway/access';
import { type Clock, type Files, type Logger, OwnedTimers } from '@fairway/host';

interface KeyFilesOptions {
  readonly files: Files;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Signs; of several keys in it the first does, and all verify. Undefined: `ownFile`. */
  readonly signingKeyFile?: string;
  /** Their keys verify. */
  readonly keyFiles: readonly string[];
  /** In the data directory; made when it is needed and not there. */
  readonly ownFile: string;
}

/** So soon is noticed that the files hold other keys. */
const lookEveryMs = 10_000;

/**
 * The keys of service-account tokens, in files that are read again while the cluster runs: who
 * writes a new key before an old one changes keys without a pause, and who removes the old one later
 * ends its tokens. Files that cannot be used leave the keys as they were.
 */
export class ServiceAccountKeyFiles implements AsyncDisposable {
  readonly #options: KeyFilesOptions;
  readonly #timers: OwnedTimers;
  #keys: ServiceAccountKeys;

  /** Errors: `ServiceAccountKeyError`. */
  static async open(options: KeyFilesOptions): Promise<ServiceAccountKeyFiles> {
    return new ServiceAccountKeyFiles(options, await readKeys(options));
  }

  private constructor(options: KeyFilesOptions, keys: ServiceAccountKeys) {
    this.#options = options;
    this.#keys = keys;
    this.#timers = new OwnedTimers(options.clock);
    this.#lookLater();
  }

  get keys(): ServiceAccountKeys {
    return this.#keys;
  }

  #lookLater(): void {
    this.#timers.schedule(lookEveryMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { logger } = this.#options;
    const before = namesOf(this.#keys);
    try {
      this.#keys = await readKeys(this.#options);
    } catch (error) {
      logger.warn('the keys of service accounts stay as they were', { error });
    }
    const after = namesOf(this.#keys);
    if (after !== before) logger.info('the keys of service accounts have changed', { keys: after });
    this.#lookLater();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timers[Symbol.dispose]();
  }
}

/** The signing key first. */
function namesOf({ verifying }: ServiceAccountKeys): string {
  return verifying.map(({ keyId }) => keyId).join(' ');
}

async function readKeys(options: KeyFilesOptions): Promise<ServiceAccountKeys> {
  const { files, signingKeyFile, keyFiles, ownFile } = options;
  const { signing, verifying } =
    signingKeyFile === undefined
      ? await loadServiceAccountKeys(files, ownFile)
      : await readSigningFile(files, signingKeyFile);
  const others = await Promise.all(
    keyFiles.map(async (path) => readVerificationKeys(await readFile(files, path), path)),
  );
  return serviceAccountKeys(signing, [...verifying, ...others.flat()]);
}

async function readSigningFile(files: Files, path: string): Promise<ServiceAccountKeys> {
  const pem = await readFile(files, path);
  return serviceAccountKeys(readSigningKey(pem, path), readVerificationKeys(pem, path));
}

async function readFile(files: Files, path: string): Promise<Uint8Array> {
  const bytes = await files.read(path, { bytesMax: keyFileBytesMax });
  if (bytes === undefined) throw new ServiceAccountKeyError(path, 'there is no such file');
  return bytes;
}

const keyFileBytesMax = 1024 * 1024;
