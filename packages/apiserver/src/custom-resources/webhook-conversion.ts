import { type Clock, type Random, giveWay, messageOf, timeLimit } from '@fairway/host';
import type { CustomResourceDefinition, WebhookConversion } from '@fairway/kinds/apiextensions/v1';
import {
  ApiError,
  type HttpResponse,
  type KubernetesObject,
  apiError,
  collectBody,
  failureOf,
  isJsonObject,
  parseJson,
  stringifyJson,
} from '@fairway/protocol';
import type { Dial } from '../calls/dial.ts';
import { webhookEndpoint } from '../calls/webhook-endpoint.ts';
import { convertedMetadata } from './converted-metadata.ts';

/** What a conversion by webhook needs of the server. */
export interface ConversionParts {
  /** Absent: nothing can be converted by webhook (501). */
  readonly dial?: Dial;
  readonly clock: Clock;
  readonly random: Random;
}

/** How long one answer of a webhook may take, as on a kube-apiserver. */
const conversionTimeoutMs = 30_000;
/** One answer of a webhook: ten times what is asked of it at once. */
const conversionResponseBytesMax = 16 * 1024 * 1024;

/**
 * Has the webhook of a definition convert objects to `apiVersion`, all of them in one request. Of
 * metadata it may change labels and annotations; the rest stays.
 *
 * Errors: an `ApiError` with 500 in the words of Kubernetes when the webhook is not reached, does not
 * answer in time, or answers something else; 501 without a way out.
 * Source: Kubernetes documentation, "Versions in CustomResourceDefinitions"; apiextensions/v1
 * ConversionReview.
 */
export async function convertByWebhook(
  definition: CustomResourceDefinition,
  asked: { readonly objects: readonly KubernetesObject[]; readonly apiVersion: string },
  parts: ConversionParts,
): Promise<readonly KubernetesObject[]> {
  const { objects, apiVersion } = asked;
  const others = objects.filter((object) => object.apiVersion !== apiVersion);
  const [first] = others;
  if (first === undefined) return objects;
  const subject = `conversion webhook for ${kindOf(first)}`;
  const answered = await ask(definition, { objects: others, apiVersion }, { ...parts, subject });
  if (answered.length !== others.length) {
    const counts = `returned ${answered.length} objects, expected ${others.length}`;
    throw refusal(`${subject} ${counts}`);
  }
  const converted = new Map<KubernetesObject, KubernetesObject>();
  for (const [index, original] of others.entries()) {
    await giveWay();
    const invalid = `${subject} returned invalid converted object at index ${index}`;
    const found = checkConverted(answered[index], { original, apiVersion, invalid });
    const next = convertedMetadata(found, original);
    if (next.kind === 'invalid') {
      const where = `${subject} returned invalid metadata in object at index ${index}`;
      throw refusal(`${where}: ${next.why}`);
    }
    converted.set(original, { ...found, metadata: next.metadata });
  }
  return objects.map((object) => converted.get(object) ?? object);
}

interface Asking extends ConversionParts {
  readonly subject: string;
}

async function ask(
  { spec }: CustomResourceDefinition,
  { objects, apiVersion }: { readonly objects: readonly object[]; readonly apiVersion: string },
  { dial, clock, random, subject }: Asking,
): Promise<readonly unknown[]> {
  if (dial?.webhook === undefined) {
    const why = 'this server has no way to webhooks; use the version that is stored';
    throw apiError('NotImplemented', `${subject} cannot be called: ${why}`, {});
  }
  const webhook = spec.conversion?.webhook as WebhookConversion;
  const version = webhook.conversionReviewVersions.find((each) => /^v1(beta1)?$/.test(each));
  const review = `apiextensions.k8s.io/${version ?? 'v1'}`;
  const { endpoint, path, url } = webhookEndpoint(webhook.clientConfig ?? {});
  const uid = random.uuid();
  const body = Buffer.from(
    stringifyJson({
      kind: 'ConversionReview',
      apiVersion: review,
      request: { uid, desiredAPIVersion: apiVersion, objects },
    }),
  );
  const late = (): Error => new Error(`no answer within ${conversionTimeoutMs / 1_000} seconds`);
  using limit = timeLimit(clock, conversionTimeoutMs, { late });
  try {
    const response = await dial.webhook(endpoint)({
      method: 'POST',
      path,
      query: '',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body,
      signal: limit.signal,
    });
    const answer = await readAnswer(response);
    return convertedObjects(answer, { review, uid });
  } catch (cause) {
    const why = messageOf(cause);
    const said = cause instanceof BadAnswer ? why : `Post "${url}": ${why}`;
    throw refusal(`${subject} failed: ${said}`, cause);
  }
}

/** A webhook that was reached and said something else than what it should. */
class BadAnswer extends Error {}

async function readAnswer({ status, body }: HttpResponse): Promise<unknown> {
  const tooLong = (): Error =>
    new BadAnswer(
      `the answer is longer than conversionResponseBytesMax (${conversionResponseBytesMax})`,
    );
  const bytes = await collectBody(body, { bytesMax: conversionResponseBytesMax, tooLong });
  if (status < 200 || status > 299) {
    throw new BadAnswer(`the server answered with status ${status}`);
  }
  await giveWay();
  try {
    return parseJson(Buffer.from(bytes).toString());
  } catch (cause) {
    throw new BadAnswer(`the answer is no JSON: ${(cause as Error).message}`, { cause });
  }
}

function convertedObjects(
  answer: unknown,
  { review, uid }: { readonly review: string; readonly uid: string },
): readonly unknown[] {
  const { kind, apiVersion, response } = isJsonObject(answer) ? answer : {};
  if (kind !== 'ConversionReview' || apiVersion !== review) {
    const [group, version] = review.split('/');
    const wanted = `${group}/${version}, Kind=ConversionReview`;
    const found = `${String(apiVersion ?? '')}, Kind=${String(kind ?? '')}`;
    throw new BadAnswer(`expected webhook response of ${wanted}, got ${found}`);
  }
  if (!isJsonObject(response)) throw new BadAnswer('no response provided');
  if (response['uid'] !== uid) {
    const got = stringifyJson(response['uid'] ?? '');
    throw new BadAnswer(`expected response.uid=${JSON.stringify(uid)}, got ${got}`);
  }
  const { status, message } = isJsonObject(response['result']) ? response['result'] : {};
  if (status !== 'Success') {
    const found = `response.result.status was ${stringifyJson(status ?? '')}, not "Success"`;
    throw new BadAnswer(typeof message === 'string' && message !== '' ? message : found);
  }
  const { convertedObjects: objects } = response;
  return Array.isArray(objects) ? (objects as readonly unknown[]) : [];
}

function checkConverted(
  converted: unknown,
  wanted: {
    readonly original: KubernetesObject;
    readonly apiVersion: string;
    readonly invalid: string;
  },
): KubernetesObject {
  const { original, apiVersion, invalid } = wanted;
  const found = (isJsonObject(converted) ? converted : {}) as KubernetesObject;
  if (found.apiVersion !== apiVersion) {
    const received = `(expected ${apiVersion}, received ${found.apiVersion ?? ''})`;
    throw refusal(`${invalid}: invalid groupVersion ${received}`);
  }
  if (found.kind !== original.kind) {
    const received = `(expected ${original.kind}, received ${found.kind ?? ''})`;
    throw refusal(`${invalid}: invalid kind ${received}`);
  }
  return found;
}

function kindOf({ apiVersion = '', kind = '' }: KubernetesObject): string {
  return `${apiVersion}, Kind=${kind}`;
}

/** No fault of the caller's, and without a reason. Source: apiserver, ErrorToAPIStatus. */
function refusal(message: string, cause?: unknown): ApiError {
  return new ApiError(failureOf({ message }, 500), { cause });
}
