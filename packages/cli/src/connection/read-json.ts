import type { Client, RawRequest } from '@fairway/client';
import { collectBody } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';

/** More than any answer that is read as a whole. */
const bytesMax = 64 * 1024 * 1024;

/** Reads an answer as JSON. `T` is what the server promises to send. */
export async function readJson<T>(client: Client, request: RawRequest): Promise<T> {
  const { body } = await client.request(request);
  const tooLong = (): Error => new CommandError(`${request.path}: the answer is too long`);
  const bytes = await collectBody(body, { bytesMax, tooLong });
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as T;
  } catch (cause) {
    throw new CommandError(
      `${request.path} was not answered in JSON; check that the address is a Kubernetes API`,
      { cause },
    );
  }
}
