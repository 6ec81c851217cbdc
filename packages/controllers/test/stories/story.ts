import { readFileSync, readdirSync } from 'node:fs';
import type { KubernetesObject } from '@fairway/protocol';

/**
 * What a real controller manager did, step by step: an action, then the objects that changed and
 * the events that were new or counted again.
 */
export interface Story {
  readonly name: string;
  /** Absent where only objects of the cluster take part. */
  readonly namespace?: string;
  readonly given: readonly KubernetesObject[];
  /** Where pods of what was given stood when the story began. */
  readonly givenMoves?: readonly Move[];
  readonly steps: readonly Step[];
}

export interface Step {
  readonly action: string | RequestAction | HandAction;
  readonly objects: readonly ShownObject[];
  readonly events: readonly RecordedEvent[];
}

export interface StoryRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: KubernetesObject;
}

/** A request, with what was answered. */
export interface RequestAction {
  readonly request: StoryRequest;
  readonly response: {
    readonly code: number;
    readonly body?: unknown;
    readonly headers?: { readonly warning?: readonly string[] };
  };
}

/** What was done by hand, where the objects that were recorded do not tell. */
export interface HandAction {
  readonly text: string;
  readonly requests?: readonly StoryRequest[];
  readonly moves?: readonly Move[];
}

export interface Move {
  /** A name, or the beginning of one and `*`. */
  readonly pod: string;
  /** How many pods are waited for; one when absent. */
  readonly count?: number;
  readonly node: string;
  /** Of the first pod; those of others follow it. */
  readonly ip: string;
  readonly is: 'Ready' | 'NotReady' | 'Succeeded' | 'Failed';
}

/**
 * An object in full with its `apiVersion` when it is new; later the metadata and the fields that
 * differ from what was shown before, null for what is not there any more.
 */
export interface ShownObject extends KubernetesObject {
  readonly kind: string;
  readonly gone?: true;
  readonly [field: string]: unknown;
}

export interface RecordedEvent {
  readonly reason: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly [field: string]: unknown;
}

/** The stories whose names begin so: each a file, its head on the first line and then its steps. */
export function readStories(prefix: string): readonly Story[] {
  const folder = new URL('../fixtures/stories/', import.meta.url);
  const stories = readdirSync(folder).map((file) => {
    const lines = readFileSync(new URL(file, folder), 'utf8').trimEnd().split('\n');
    const [head, ...steps] = lines.map((line) => JSON.parse(line) as unknown);
    return { ...(head as Omit<Story, 'steps'>), steps: steps as readonly Step[] };
  });
  return stories.filter(({ name }) => name.startsWith(prefix));
}

export function textOf({ action }: Step): string {
  if (typeof action === 'string') return action;
  return 'text' in action ? action.text : `${action.request.method} ${action.request.path}`;
}
