import type { DeepReadonly, KubernetesObject } from '@fairway/protocol';
import { textOf, valuesAt } from './field-path.ts';
import { type NoteProblem, delayMs, sourcedInteger } from './sourced-values.ts';
import type { FieldRequirement, Stage } from './stage.ts';

type AnyObject = DeepReadonly<KubernetesObject>;

/** What chance has decided for an object, until other stages come into question. */
export interface StageChoice {
  /** The stages that came into question, and how often the object has been through them. */
  readonly question: string;
  /** Undefined: it has happened, and left the question as it was. */
  readonly stage: Stage | undefined;
  /** By the clock that does not jump. */
  readonly dueMs: number;
}

export interface ChoiceScene {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** By the clock that does not jump. */
  readonly elapsedMs: number;
  /** How long the object has been as it is, as far as is known; a delay that ran before counts. */
  readonly ageMs: number;
  readonly fraction: () => number;
  readonly note: NoteProblem;
}

/** Whether an object is one of those that a stage is for. */
export function isSelected(object: AnyObject, requirements: readonly FieldRequirement[]): boolean {
  return requirements.every(({ path, operator, values }) => {
    const found = valuesAt(path, object);
    switch (operator) {
      case 'Exists':
        return found.length > 0;
      case 'DoesNotExist':
        return found.length === 0;
      case 'In':
        return found.some((each) => values.includes(textOf(each)));
      case 'NotIn':
        return !found.some((each) => values.includes(textOf(each)));
    }
  });
}

/**
 * The stages that an object is ready for. Where some that are for it have a weight, the others do not count:
 * what a user's stage has brought about, no default takes back.
 */
export function readyStages<T extends AnyObject>(
  object: T,
  stages: readonly Stage[],
  isEffective: (stage: Stage) => boolean,
): readonly WeightedStage[] {
  const selected = stages
    .filter(({ requirements }) => isSelected(object, requirements))
    .map((stage) => ({ stage, weight: sourcedInteger(stage.weight, object, () => undefined) }));
  const weighted = selected.filter(({ weight }) => weight > 0);
  return (weighted.length > 0 ? weighted : selected).filter(({ stage }) => isEffective(stage));
}

export interface WeightedStage {
  readonly stage: Stage;
  readonly weight: number;
}

/**
 * Which of the stages that an object is ready for happens next, and when: one by chance and weight, the first
 * one where none has a weight. What was chosen before holds as long as the question is the same.
 */
export function chooseStage(
  object: AnyObject,
  { ready, round }: { readonly ready: readonly WeightedStage[]; readonly round: string },
  before: StageChoice | undefined,
  scene: ChoiceScene,
): StageChoice | undefined {
  if (ready.length === 0) return undefined;
  const question = [...ready.map(({ stage }) => stage.name), round].join(' ');
  if (before?.question === question) return before;
  const { nowMs, elapsedMs, ageMs, fraction, note } = scene;
  const stage = takeOne(ready, fraction);
  const waitMs = delayMs(stage.delay, object, { nowMs, fraction: fraction(), note });
  return { question, stage, dueMs: elapsedMs + Math.max(0, waitMs - ageMs) };
}

function takeOne(ready: readonly WeightedStage[], fraction: () => number): Stage {
  const total = ready.reduce((sum, { weight }) => sum + weight, 0);
  let left = total === 0 ? 0 : fraction() * total;
  const taken = ready.find(({ weight }) => (left -= weight) < 0) ?? ready[0];
  if (taken === undefined) throw new RangeError('there is no stage to choose from');
  return taken.stage;
}
