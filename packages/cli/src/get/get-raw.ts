import type { Client } from '@fairway/client';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';

/** Prints the answer to a path byte by byte, for as long as it goes on. */
export async function getRaw(
  { output, signal }: Pick<CommandContext, 'output' | 'signal'>,
  client: Client,
  target: string,
): Promise<void> {
  if (!/^\/[!-~]*$/.test(target)) {
    throw new CommandError(
      `${JSON.stringify(target)} is no path: begin with "/" and percent-encode what a URL cannot hold`,
    );
  }
  const [path = '', query = ''] = split(target);
  const { body } = await client.request({
    path,
    query: queryOf(query),
    headers: { accept: 'application/json, */*' },
    signal,
  });
  if (body === undefined) return;
  if (body instanceof Uint8Array) return await output.write(body);
  for await (const chunk of body) await output.write(chunk);
}

function split(target: string): readonly [string, string] {
  const mark = target.indexOf('?');
  return mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)];
}

function queryOf(text: string): Readonly<Record<string, readonly string[]>> {
  const parameters = new URLSearchParams(text);
  return Object.fromEntries([...parameters.keys()].map((name) => [name, parameters.getAll(name)]));
}
