import {
  ApiError,
  type Handler,
  type KubernetesObject,
  type Status,
  collectBody,
  parseJson,
  stringifyJson,
} from '@fairway/protocol';

/**
 * Calls this server from inside, as it calls itself, and gives back what it answered: through all
 * filters, so that defaults, validation and admission have their say. A patch is a merge patch.
 *
 * Errors: the `ApiError` of a refusal.
 */
export async function callApi(
  handler: Handler,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  object?: KubernetesObject,
): Promise<unknown> {
  const response = await handler({
    method,
    path,
    query: '',
    headers: {
      accept: 'application/json',
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      'user-agent': 'kube-apiserver',
    },
    body: object === undefined ? undefined : Buffer.from(stringifyJson(object)),
    signal: new AbortController().signal,
  });
  const text = Buffer.from(await collectBody(response.body)).toString();
  const answer: unknown = parseJson(text === '' ? 'null' : text);
  if (response.status >= 400) throw new ApiError(answer as Status);
  return answer;
}

/** The result of a call, or undefined when the API refuses it with this reason. */
export async function unless<T>(reason: string, promised: Promise<T>): Promise<T | undefined> {
  try {
    return await promised;
  } catch (error) {
    if (error instanceof ApiError && error.reason === reason) return undefined;
    throw error;
  }
}

/**
 * The result of a write, or undefined when another one came first: somebody who goes by changes looks at that one
 * in its turn.
 */
export function unlessOvertaken<T>(written: Promise<T>): Promise<T | undefined> {
  return unless('NotFound', unless('Conflict', written));
}
