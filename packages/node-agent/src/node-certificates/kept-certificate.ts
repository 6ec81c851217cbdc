import { createPrivateKey } from 'node:crypto';
import { type CertifiedKey, makePrivateKey, readCertificate } from '@fairway/certificates';
import type { Client } from '@fairway/client';
import { type Clock, type Files, type Logger, type Random, Secret, sleep } from '@fairway/host';
import { readCertifiedKey, writeCertifiedKey } from './certified-key-file.ts';
import { type CertificateWish, requestCertificate } from './request-certificate.ts';

export interface KeptCertificateOptions {
  /** Holds the certificate and its key; beside it, ending in `.key`, the key that was asked for and not certified yet. */
  readonly path: string;
  readonly wish: CertificateWish;
  readonly files: Pick<Files, 'read' | 'write' | 'remove'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** A certificate that could not be had is asked for again after this long. */
const retryMs = 10_000;
/** One that somebody has refused: what is asked anew is there for them to look at again. */
const refusedRetryMs = 15 * 60_000;
/** Looked at again after this long at the latest, because clocks are set. */
const lookAgainMs = 3_600_000;

/** A certificate of a node: in a file, renewed before its time is over. Its key never leaves the machine. */
export class KeptCertificate {
  readonly #options: KeptCertificateOptions;
  #held: CertifiedKey | undefined;

  private constructor(options: KeptCertificateOptions, held: CertifiedKey | undefined) {
    this.#options = options;
    this.#held = held;
  }

  /** Takes up what the file holds, unless its time is over or it certifies something else. Errors: the system's. */
  static async open(options: KeptCertificateOptions): Promise<KeptCertificate> {
    const held = await readCertifiedKey(options.files, options.path);
    const isUsable = held !== undefined && isAsWished(held, options);
    return new KeptCertificate(options, isUsable ? held : undefined);
  }

  /** Undefined: there is none yet. */
  get held(): CertifiedKey | undefined {
    return this.#held;
  }

  /**
   * Has a new one certified, and keeps it from then on. Answers why not, where somebody has said no.
   *
   * Errors: what the API and the system answer; the reason of the signal.
   */
  async request(client: Client, signal: AbortSignal): Promise<string | undefined> {
    const { path, wish, files } = this.#options;
    const key = await this.#pendingKey();
    const asked = { wish, key, onPending: (name: string) => this.#tellPending(name) };
    const outcome = await requestCertificate(client, asked, signal);
    if (outcome.kind === 'issued') {
      const renewed = { certificate: outcome.certificate, key };
      await writeCertifiedKey(files, path, renewed);
      this.#held = renewed;
    }
    // Also after a refusal: who asks anew is to be judged anew.
    await files.remove(this.#keyPath);
    return outcome.kind === 'refused' ? outcome.why : undefined;
  }

  /**
   * Sees to it that there is one until the signal aborts: asks for the first, and for each next one when between
   * seven and nine tenths of a certificate's time are over. `onRenewed` is told of each.
   *
   * Source: client-go, certificate manager.
   */
  async keep(
    client: Client,
    onRenewed: (held: CertifiedKey) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#options;
    try {
      for (;;) {
        await this.#untilDue(signal);
        await sleep(clock, await this.#renew(client, onRenewed, signal), signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Answers how long to wait before it is looked at again, in milliseconds. */
  async #renew(
    client: Client,
    onRenewed: (held: CertifiedKey) => void,
    signal: AbortSignal,
  ): Promise<number> {
    const { logger, wish } = this.#options;
    const { signerName: signer } = wish;
    try {
      const why = await this.request(client, signal);
      if (why !== undefined) {
        logger.error('the cluster gives no certificate, and is asked again later', { signer, why });
        return refusedRetryMs;
      }
      if (this.#held !== undefined) onRenewed(this.#held);
      // By a clock that is wrong the next one is due at once.
      return retryMs;
    } catch (error) {
      signal.throwIfAborted();
      logger.warn('a certificate cannot be had, which is tried again', { signer, error });
      return retryMs;
    }
  }

  async #untilDue(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    if (this.#held === undefined) return;
    const { notBeforeMs, notAfterMs } = readCertificate(this.#held.certificate);
    const dueMs = notBeforeMs + (notAfterMs - notBeforeMs) * (0.7 + 0.2 * random.fraction());
    for (;;) {
      const leftMs = dueMs - clock.now();
      if (leftMs <= 0) return;
      await sleep(clock, Math.min(leftMs, lookAgainMs), signal);
    }
  }

  get #keyPath(): string {
    return `${this.#options.path}.key`;
  }

  /** That of a request that was cut off, or a new one. */
  async #pendingKey(): Promise<Secret> {
    const { files } = this.#options;
    const bytes = await files.read(this.#keyPath);
    const pending = bytes === undefined ? undefined : Buffer.from(bytes).toString();
    // The one that is certified already was about to be removed here.
    if (pending !== undefined && pending !== this.#held?.key.reveal() && isKey(pending)) {
      return new Secret(pending);
    }
    const key = await makePrivateKey();
    await files.write(this.#keyPath, Buffer.from(key.reveal()), { mode: 0o600 });
    return key;
  }

  #tellPending(name: string): void {
    const remedy = `kubectl certificate approve ${name}`;
    this.#options.logger.warn('a certificate waits for somebody to approve it', { name, remedy });
  }
}

function isAsWished(
  { certificate }: CertifiedKey,
  { wish, clock }: KeptCertificateOptions,
): boolean {
  const { subject, dnsNames, ipAddresses, ...validity } = readCertificate(certificate);
  const names = new Set([...dnsNames, ...ipAddresses]);
  return (
    subject.commonName === wish.subject.commonName &&
    names.size === wish.names.length &&
    wish.names.every((name) => names.has(name)) &&
    validity.notBeforeMs <= clock.now() &&
    clock.now() < validity.notAfterMs
  );
}

function isKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'ec';
  } catch {
    return false;
  }
}
