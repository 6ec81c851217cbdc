import { ApiError, type Handler, type KubernetesObject, type Status } from '@fairway/protocol';

/**
 * Calls this server from inside and gives back what it answered.
 *
 * Errors: the `ApiError` of a refusal.
 */
export async function callApi(
  handler: Handler,
  method: 'GET' | 'PUT' | 'DELETE',
  path: string,
  object?: KubernetesObject,
): Promise<unknown> {
  const response = await handler({
    method,
    path,
    query: '',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: object === undefined ? undefined : Buffer.from(JSON.stringify(object)),
    signal: new AbortController().signal,
  });
  const answer: unknown = JSON.parse(await textOf(response.body));
  if (response.status >= 400) throw new ApiError(answer as Status);
  return answer;
}

async function textOf(body: Awaited<ReturnType<Handler>>['body']): Promise<string> {
  if (body === undefined) return 'null';
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
