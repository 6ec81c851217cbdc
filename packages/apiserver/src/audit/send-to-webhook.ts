import { type Clock, type Random, sleep, timeLimit } from '@fairway/host';
import { type Handler, collectBody } from '@fairway/protocol';
import { type AuditEvent, eventList } from './audit-event.ts';

export interface AuditWebhookOptions {
  /** To the webhook, whatever the path says. */
  readonly send: Handler;
  readonly clock: Clock;
  readonly random: Random;
  /** The pause after the first failure; each one after it is half as long again. */
  readonly firstBackoffMs: number;
  /** Larger lists are sent as several; absent: as many bytes as there are. */
  readonly listBytesMax?: number;
  /** Aborts when the server stops: what has failed by then is not sent again. */
  readonly stopping: AbortSignal;
}

/** Source: apiserver, util/webhook, DefaultRetryBackoffWithInitialDelay. */
const attemptsMax = 5;
const backoffFactor = 1.5;
const jitter = 0.2;
const answerTimeoutMs = 30_000;
const answerBytesMax = 1024 * 1024;
const late = (): Error =>
  new Error(`the webhook has not answered within ${answerTimeoutMs / 1000} s`);
const tooLong = (): Error =>
  new Error(`the webhook has answered more than ${answerBytesMax} bytes`);

/**
 * Sends events to a webhook as lists, each again after a while when it fails, whatever failed.
 *
 * Errors: the last failure of a list.
 */
export function sendToWebhook(
  options: AuditWebhookOptions,
): (events: readonly AuditEvent[]) => Promise<void> {
  return async (events) => {
    for (const list of listsOf(events, options.listBytesMax ?? Infinity)) {
      await sendList(options, Buffer.from(eventList(list)));
    }
  };
}

function* listsOf(
  events: readonly AuditEvent[],
  listBytesMax: number,
): Generator<readonly AuditEvent[]> {
  let list: AuditEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    const size = Buffer.byteLength(event.fields);
    if (list.length > 0 && bytes + size > listBytesMax) {
      yield list;
      [list, bytes] = [[], 0];
    }
    list.push(event);
    bytes += size;
  }
  if (list.length > 0) yield list;
}

async function sendList(options: AuditWebhookOptions, body: Uint8Array): Promise<void> {
  const { clock, random, firstBackoffMs, stopping } = options;
  let backoffMs = firstBackoffMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return await sendOnce(options, body);
    } catch (error) {
      if (attempt >= attemptsMax || stopping.aborted) throw error;
      await sleep(clock, backoffMs * (1 + random.fraction() * jitter), stopping).catch(() => {
        throw error;
      });
      backoffMs *= backoffFactor;
    }
  }
}

async function sendOnce({ send, clock }: AuditWebhookOptions, body: Uint8Array): Promise<void> {
  using limit = timeLimit(clock, answerTimeoutMs, { late });
  const answer = await send({
    method: 'POST',
    path: '/',
    query: '',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body,
    signal: limit.signal,
  });
  await collectBody(answer.body, { bytesMax: answerBytesMax, tooLong });
  if (answer.status < 200 || answer.status > 299) {
    throw new Error(`the webhook has answered ${answer.status}`);
  }
}
