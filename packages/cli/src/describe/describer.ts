import { type Shown, withoutNulls } from '@fairway/kind-rules/shown';
import type { ApiError, KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import type { Lines } from './lines.ts';
import type { Moment } from './moment.ts';

/** Objects that a description tells of beside its own. */
export interface ListQuestion<T extends KubernetesObject = KubernetesObject> {
  readonly list: ResourceDescriptor<T>;
  /** Every namespace when absent. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** One object that a description tells of beside its own. */
export interface ObjectQuestion<T extends KubernetesObject = KubernetesObject> {
  readonly get: ResourceDescriptor<T>;
  readonly name: string;
  readonly namespace?: string;
}

export type Question = ListQuestion | ObjectQuestion;
export type Questions = Readonly<Record<string, Question>>;

/** What is there, or why the server does not tell. */
export type Answer<T> =
  | { readonly found: T; readonly refusal?: undefined }
  | { readonly found?: undefined; readonly refusal: ApiError };

/** The answer to each question, by its name. */
export type Answers<Q extends Questions> = {
  readonly [Name in keyof Q]: Q[Name] extends ListQuestion<infer T>
    ? Answer<readonly Shown<T>[]>
    : Q[Name] extends ObjectQuestion<infer T>
      ? Answer<Shown<T>>
      : never;
};

/** Whom events are about. Events of pods tell their kind in several ways, so that it is not asked for. */
export interface EventSubject {
  readonly kind?: string;
  readonly uid: string;
}

/** How objects of one kind are described. */
export interface Describer {
  /** The version in which they are read. */
  readonly resource: ResourceDescriptor;
  /** Whose events end the description; undefined: it tells of none. */
  readonly eventSubjects: ((object: KubernetesObject) => readonly EventSubject[]) | undefined;
  readonly questions: (object: KubernetesObject) => Questions;
  /** All but the events. Errors: `ApiError` when it makes no sense without what was refused. */
  readonly describe: (
    object: KubernetesObject,
    answers: Answers<Questions>,
    moment: Moment,
  ) => Lines;
}

interface TypedDescriber<T extends KubernetesObject, Q extends Questions> {
  readonly resource: ResourceDescriptor<T>;
  /** Absent: those about the object itself. */
  readonly events?: 'none' | ((object: Shown<T>) => readonly EventSubject[]);
  readonly questions?: (object: Shown<T>) => Q;
  readonly describe: (object: Shown<T>, answers: Answers<Q>, moment: Moment) => Lines;
}

/** A describer of objects of `T`, any field of which may be missing. */
export function describerOf<T extends KubernetesObject, Q extends Questions = Questions>({
  resource,
  events = (object) => aboutItself(resource, object),
  questions,
  describe,
}: TypedDescriber<T, Q>): Describer {
  const typed = (object: KubernetesObject): Shown<T> => withoutNulls(object) as Shown<T>;
  return {
    resource,
    eventSubjects: events === 'none' ? undefined : (object) => events(typed(object)),
    questions: (object) => questions?.(typed(object)) ?? {},
    describe: (object, answers, moment) =>
      describe(typed(object), answers as unknown as Answers<Q>, moment),
  };
}

/** The events that an object is told of by its kind and uid. */
export function aboutItself(
  { kind }: ResourceDescriptor,
  { metadata }: Shown<KubernetesObject>,
): readonly EventSubject[] {
  return [{ kind, uid: metadata?.uid ?? '' }];
}

/** What was found. Errors: the refusal. */
export function required<T>(answer: Answer<T>): T {
  if (answer.refusal !== undefined) throw answer.refusal;
  return answer.found;
}
