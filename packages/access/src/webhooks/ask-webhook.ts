import type { Clock } from '@fairway/host';
import { type Handler, collectBody, stringifyJson } from '@fairway/protocol';
import { answerInTime } from './answer-in-time.ts';

/** Another program that is asked over HTTPS. */
export interface AskedWebhook {
  /** For messages: `the token webhook`. */
  readonly name: string;
  /** Leads to the webhook's URL whatever path a request has, and throws when it cannot be reached. */
  readonly send: Handler;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** Of an answer, which repeats the question. */
const responseBytesMax = 1024 * 1024;

/**
 * Sends a review to a webhook, and answers the text that comes back.
 *
 * Errors: one that says what is wrong, with the webhook's name and without its answer.
 */
export function askWebhook(
  { name, send, clock, timeoutMs }: AskedWebhook,
  review: object,
): Promise<string> {
  const lateMessage = `${name} gave no answer within ${timeoutMs / 1_000} s`;
  const tooLong = (): Error =>
    new Error(`${name} answered more than responseBytesMax (${responseBytesMax})`);
  return answerInTime({ clock, timeoutMs, lateMessage }, async (signal) => {
    const { status, body } = await send({
      method: 'POST',
      path: '/',
      query: '',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: Buffer.from(stringifyJson(review)),
      signal,
    });
    const bytes = await collectBody(body, { bytesMax: responseBytesMax, tooLong });
    if (status < 200 || status > 299) throw new Error(`${name} answered with status ${status}`);
    return Buffer.from(bytes).toString();
  });
}
