import type { Client } from '@fairway/client';
import { type Shown, withoutNulls } from '@fairway/kind-rules/shown';
import { Event } from '@fairway/kinds/core/v1';
import {
  ApiError,
  type FieldRequirement,
  type KubernetesObject,
  formatFieldSelector,
  groupResourceOf,
} from '@fairway/protocol';
import type {
  Answer,
  Answers,
  Describer,
  EventSubject,
  ListQuestion,
  Question,
  Questions,
} from './describer.ts';

/** How related objects are read. */
export interface FetchOptions {
  readonly signal: AbortSignal;
  /** Objects per request of a list; 0 asks for all at once. */
  readonly chunkSize: number;
  readonly showsEvents: boolean;
}

/** What a description tells of beside its object. */
export interface Related {
  readonly answers: Answers<Questions>;
  /** Undefined: none are told of. */
  readonly events: Answer<readonly Shown<Event>[]> | undefined;
}

/** Asks for all that a description of an object needs, at the same time. */
export async function fetchRelated(
  client: Client,
  describer: Describer,
  object: KubernetesObject,
  options: FetchOptions,
): Promise<Related> {
  const questions = Object.entries(describer.questions(object));
  const subjects = options.showsEvents ? describer.eventSubjects?.(object) : undefined;
  const [answered, events] = await Promise.all([
    Promise.all(questions.map(async ([name, each]) => [name, await ask(client, each, options)])),
    subjects && fetchEvents(client, object, subjects, options),
  ]);
  return { answers: Object.fromEntries(answered) as Answers<Questions>, events };
}

async function ask(
  client: Client,
  question: Question,
  options: FetchOptions,
): Promise<Answer<unknown>> {
  if ('list' in question) {
    const answer = await askList(client, question, options);
    if (answer.refusal === undefined) return answer;
    return { refusal: asListRefusal(question, answer.refusal) };
  }
  const { get, name, namespace = '' } = question;
  const where = get.isNamespaced ? { namespace } : {};
  const answer = await orRefusal(client.get(get, name, { ...where, signal: options.signal }));
  return answer.refusal === undefined ? { found: withoutNulls(answer.found) } : answer;
}

async function askList<T extends KubernetesObject>(
  client: Client,
  question: ListQuestion<T>,
  { signal, chunkSize }: FetchOptions,
): Promise<Answer<readonly Shown<T>[]>> {
  const { list, namespace, labelSelector = '', fieldSelector = '' } = question;
  const listing = client.list(list, {
    signal,
    limit: chunkSize,
    ...(namespace === undefined ? { allNamespaces: true } : { namespace }),
    ...(labelSelector === '' ? {} : { labelSelector }),
    ...(fieldSelector === '' ? {} : { fieldSelector }),
  });
  const answer = await orRefusal(listing.all());
  if (answer.refusal !== undefined) return answer;
  return { found: answer.found.items.map((each) => withoutNulls(each) as Shown<T>) };
}

/** As kubectl tells that it could not list. */
function asListRefusal(
  { list, labelSelector = '', fieldSelector = '' }: ListQuestion,
  refusal: ApiError,
): ApiError {
  const name = JSON.stringify(groupResourceOf(list));
  const what =
    labelSelector === '' && fieldSelector === ''
      ? `Unable to list ${name}`
      : `Unable to find ${name} that match label selector ${JSON.stringify(labelSelector)}, field selector ${JSON.stringify(fieldSelector)}`;
  const message = `${what}: ${refusal.message}`;
  return new ApiError({ ...refusal.status, message }, { cause: refusal });
}

async function fetchEvents(
  client: Client,
  { metadata }: KubernetesObject,
  subjects: readonly EventSubject[],
  options: FetchOptions,
): Promise<Answer<readonly Shown<Event>[]>> {
  const { name = '', namespace = '' } = metadata ?? {};
  const asked = subjects.map(({ kind, uid }) => {
    const fieldSelector = formatFieldSelector([
      equal('involvedObject.name', name),
      equal('involvedObject.namespace', namespace),
      ...(kind === undefined ? [] : [equal('involvedObject.kind', kind)]),
      equal('involvedObject.uid', uid),
    ]);
    // Events about what has no namespace may be in any.
    const where = namespace === '' ? {} : { namespace };
    return askList(client, { list: Event, fieldSelector, ...where }, options);
  });
  const answers = await Promise.all(asked);
  const refused = answers.find(({ refusal }) => refusal !== undefined);
  return refused ?? { found: answers.flatMap(({ found = [] }) => found) };
}

function equal(field: string, value: string): FieldRequirement {
  return { field, isEqual: true, value };
}

async function orRefusal<T>(pending: Promise<T>): Promise<Answer<T>> {
  try {
    return { found: await pending };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { refusal: error };
  }
}
