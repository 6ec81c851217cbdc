import { CommandError } from '../command-error.ts';
import { type StorePlace, storePlacePath } from './etcd-stand-in.ts';

/** It answers at once or not at all. */
const answerMsMax = 5_000;
const answerBytesMax = 64 * 1024;

/**
 * Asks what stands in for etcd at `url` where objects are to be kept.
 *
 * Errors: `CommandError` when nobody answers there, or something else than Fairway's stand-in.
 */
export async function findStore(url: string): Promise<StorePlace> {
  if (!/^http:\/\/[^,]+$/.test(url) || !URL.canParse(url)) {
    throw refuse(url, 'it is not one URL that begins http://');
  }
  const text = await answerAt(new URL(storePlacePath, url)).catch((cause: Error) => {
    throw refuse(url, cause.message || String(cause), cause);
  });
  const place = parsePlace(text);
  if (place !== undefined) return place;
  const why =
    'it is not the `etcd` that `fairway envtest` writes, and a store over etcd is not built';
  throw refuse(url, why);
}

// Not our client, which takes longer to load than the whole answer takes.
async function answerAt(url: URL): Promise<string> {
  const { get } = process.getBuiltinModule('node:http');
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const signal = AbortSignal.timeout(answerMsMax);
  get(url, { agent: false, signal }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('error', reject);
    response.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > answerBytesMax) response.destroy(new Error('its answer is too long'));
    });
    response.on('end', () => resolve(text));
  }).on('error', (error) => reject(signal.aborted ? new Error('it does not answer') : error));
  return promise;
}

function parsePlace(text: string): StorePlace | undefined {
  try {
    const { directory, survivesPowerLoss } = JSON.parse(text) as Partial<StorePlace>;
    const isPlace = typeof directory === 'string' && typeof survivesPowerLoss === 'boolean';
    return isPlace ? { directory, survivesPowerLoss } : undefined;
  } catch {
    return undefined;
  }
}

function refuse(url: string, why: string, cause?: unknown): CommandError {
  return new CommandError(`cannot use --etcd-servers ${url}: ${why}`, { cause });
}
