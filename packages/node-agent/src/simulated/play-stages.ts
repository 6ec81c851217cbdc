import { type DeepReadonly, type KubernetesObject, equalsJson } from '@fairway/protocol';
import { type ChoiceScene, type StageChoice, chooseStage, readyStages } from './choose-stage.ts';
import type { Stage, StageNext } from './stage.ts';

/** How stages change objects of one kind. */
export interface StagePlay<T> {
  readonly stages: readonly Stage[];
  /** What makes the same stages a new question: another run of a container, say. */
  readonly round: (object: T) => string;
  /** Whether there is anything to do for an object. */
  readonly isEffective: (object: T, next: StageNext) => boolean;
  /** The same object where nothing of it changes. */
  readonly apply: (object: T, next: StageNext) => T;
}

export interface Played<T> {
  readonly object: T;
  /** In their order. */
  readonly happened: readonly StageNext[];
  readonly choice: StageChoice | undefined;
  /** When the next stage is due, by the clock that does not jump; undefined: after a change only. */
  readonly dueMs: number | undefined;
}

/** Stages that follow one another without a delay happen at once; those that go in a circle wait. */
const stepsMax = 16;
const circlePauseMs = 1_000;

type AnyObject = DeepReadonly<KubernetesObject>;

/** Takes an object through all stages that are due now. */
export function playStages<T extends AnyObject>(
  object: T,
  before: StageChoice | undefined,
  { stages, round, isEffective, apply }: StagePlay<T>,
  scene: ChoiceScene,
): Played<T> {
  const happened: StageNext[] = [];
  let current = object;
  let choice = before;
  for (let step = 0; ; step++) {
    const looked = current;
    const ready = readyStages(looked, stages, ({ next }) => isEffective(looked, next));
    const ageMs = step === 0 ? scene.ageMs : 0;
    choice = chooseStage(looked, { ready, round: round(looked) }, choice, { ...scene, ageMs });
    if (choice?.stage === undefined) return { object: current, happened, choice, dueMs: undefined };
    const dueMs = choice.dueMs + (step < stepsMax ? 0 : circlePauseMs);
    if (dueMs > scene.elapsedMs) return { object: current, happened, choice, dueMs };
    const { next } = choice.stage;
    happened.push(next);
    current = apply(looked, next);
    // What leaves the object as it was has happened once.
    const isSame = current === looked || equalsJson(statusOf(current), statusOf(looked));
    choice = isSame ? { ...choice, stage: undefined } : undefined;
  }
}

function statusOf(object: AnyObject): unknown {
  return (object as { readonly status?: unknown }).status;
}
