import { type KeyObject, createPublicKey } from 'node:crypto';
import { type Clock, messageOf } from '@fairway/host';
import { type Handler, type HttpResponse, collectBody, isJsonObject } from '@fairway/protocol';
import { answerInTime } from '../webhooks/answer-in-time.ts';

/** Where the documents of an issuer are. */
export interface IssuerPlace {
  /** Its name in tokens, and where its documents are unless `discoveryUrl` says otherwise. */
  readonly url: string;
  readonly discoveryUrl?: string;
  /** In PEM; absent: those that the machine trusts. */
  readonly certificateAuthority?: string;
}

/** The way to an issuer; it connects when something is sent. */
export type DialIssuer = (endpoint: {
  readonly scheme: 'https';
  readonly host: string;
  readonly port: number;
  readonly certificateAuthority?: string;
}) => Handler;

export interface IssuerKeysParts {
  readonly dial: DialIssuer;
  readonly clock: Clock;
}

/** A key by which an issuer signs. */
export interface IssuerKey {
  readonly key: KeyObject;
  readonly keyId: string | undefined;
  /** The one algorithm that it is for, where the issuer says so. */
  readonly algorithm: string | undefined;
}

/** For one document. */
const fetchTimeoutMs = 10_000;
const documentBytesMax = 1024 * 1024;
/** Keys of one issuer that are looked at. */
const keysMax = 64;
/** Between one look at an issuer and the next, whatever tokens name. */
const fetchPauseMs = 10_000;
/** After this long keys are fetched anew beside their use, so that one that was withdrawn ends. */
const keysFreshMs = 5 * 60_000;

/**
 * The keys of one issuer, fetched with the first token. A key that is not known is looked for once more, but
 * the issuer is asked every ten seconds at most. While it does not answer, the keys that are known go on.
 *
 * Source: OpenID Connect Discovery 1.0 §4; RFC 7517.
 */
export class IssuerKeys {
  readonly #place: IssuerPlace;
  readonly #parts: IssuerKeysParts;
  #known: readonly IssuerKey[] | undefined;
  #fetchedMs = 0;
  #askedMs = -Infinity;
  #failure = '';
  #fetching: Promise<void> | undefined;

  constructor(place: IssuerPlace, parts: IssuerKeysParts) {
    this.#place = place;
    this.#parts = parts;
  }

  /** The keys of that name, or all for a token that names none; or why none are known. */
  async find(keyId: string | undefined): Promise<readonly IssuerKey[] | { readonly why: string }> {
    if (this.#known === undefined || this.#named(keyId).length === 0) await this.#ask();
    else if (this.#parts.clock.elapsed() - this.#fetchedMs > keysFreshMs) void this.#ask();
    return this.#known === undefined ? { why: this.#failure } : this.#named(keyId);
  }

  #named(keyId: string | undefined): readonly IssuerKey[] {
    const known = this.#known ?? [];
    return keyId === undefined ? known : known.filter((each) => each.keyId === keyId);
  }

  #ask(): Promise<void> {
    const nowMs = this.#parts.clock.elapsed();
    if (this.#fetching === undefined && nowMs - this.#askedMs < fetchPauseMs) {
      return Promise.resolve();
    }
    this.#askedMs = this.#fetching === undefined ? nowMs : this.#askedMs;
    this.#fetching ??= this.#fetch().finally(() => (this.#fetching = undefined));
    return this.#fetching;
  }

  async #fetch(): Promise<void> {
    const { url, discoveryUrl } = this.#place;
    try {
      const where = discoveryUrl ?? `${url.replace(/\/$/, '')}/.well-known/openid-configuration`;
      const { issuer, jwks_uri: keysUrl } = await this.#read(where);
      if (issuer !== url) throw new Error(`${where} is of ${JSON.stringify(issuer)}`);
      if (typeof keysUrl !== 'string') throw new Error(`${where} names no jwks_uri`);
      const { keys } = await this.#read(keysUrl);
      if (!Array.isArray(keys)) throw new Error(`${keysUrl} holds no keys`);
      this.#known = keys.slice(0, keysMax).flatMap(readKey);
      this.#fetchedMs = this.#parts.clock.elapsed();
    } catch (error) {
      const why = messageOf(error);
      this.#failure = `the keys of the issuer ${url} cannot be read: ${why}`;
    }
  }

  async #read(address: string): Promise<Readonly<Record<string, unknown>>> {
    const url = URL.parse(address);
    if (url?.protocol !== 'https:') throw new Error(`${address} is no https address`);
    const { dial, clock } = this.#parts;
    const { certificateAuthority } = this.#place;
    const send = dial({
      scheme: 'https',
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(url.port || 443),
      ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
    });
    const lateMessage = `no answer within ${fetchTimeoutMs / 1_000} seconds`;
    return answerInTime({ clock, timeoutMs: fetchTimeoutMs, lateMessage }, async (signal) => {
      const response = await send({
        method: 'GET',
        path: url.pathname,
        query: url.search.slice(1),
        headers: { accept: 'application/json' },
        body: undefined,
        signal,
      });
      return readDocument(address, response);
    });
  }
}

async function readDocument(
  address: string,
  { status, body }: HttpResponse,
): Promise<Readonly<Record<string, unknown>>> {
  const tooLong = (): Error => new Error(`longer than documentBytesMax (${documentBytesMax})`);
  const bytes = await collectBody(body, { bytesMax: documentBytesMax, tooLong });
  if (status !== 200) throw new Error(`${address} answered with status ${status}`);
  try {
    const document: unknown = JSON.parse(Buffer.from(bytes).toString());
    if (isJsonObject(document)) return document;
  } catch (cause) {
    throw new Error(`${address} is no JSON`, { cause });
  }
  throw new Error(`${address} is no JSON object`);
}

/** Only what verifies signatures by a public key; other keys of the set are for others. */
function readKey(value: unknown): readonly IssuerKey[] {
  if (!isJsonObject(value)) return [];
  const { kty, use, kid, alg } = value;
  if ((kty !== 'RSA' && kty !== 'EC') || (use !== undefined && use !== 'sig')) return [];
  try {
    const key = createPublicKey({ key: value, format: 'jwk' });
    return [{ key, keyId: textOf(kid), algorithm: textOf(alg) }];
  } catch {
    return []; // A damaged key must not keep the others from being used.
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
