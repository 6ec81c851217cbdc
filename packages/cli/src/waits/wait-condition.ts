import type { DynamicObject } from '@fairway/client';
import { CommandError } from '../command-error.ts';
import { readFieldPath, valuesAt } from '../output/json-path.ts';

/** What `--for` asks for. */
export type WaitWish =
  | { readonly kind: 'delete' }
  | { readonly kind: 'create' }
  /** Until this is so of the object. Errors: `CommandError` for an object of which it cannot be said. */
  | { readonly kind: 'state'; readonly isMet: (object: DynamicObject) => boolean };

/** Reads `--for`. Errors: `CommandError`. */
export function readWaitWish(text: string): WaitWish {
  const lower = text.toLowerCase();
  if (lower === 'delete') return { kind: 'delete' };
  if (lower === 'create') return { kind: 'create' };
  if (text.startsWith('condition=')) return conditionWish(text.slice('condition='.length));
  if (text.startsWith('jsonpath=')) return jsonPathWish(text.slice('jsonpath='.length));
  throw new CommandError(
    `unrecognized condition: ${JSON.stringify(text)}; write --for=condition=Ready, --for=jsonpath={.status.phase}=Running, --for=create or --for=delete`,
  );
}

function conditionWish(text: string): WaitWish {
  const mark = text.indexOf('=');
  const type = (mark < 0 ? text : text.slice(0, mark)).toLowerCase();
  const status = (mark < 0 ? 'True' : text.slice(mark + 1)).toLowerCase();
  if (type === '') {
    throw new CommandError('--for=condition= names no condition; write --for=condition=Ready');
  }
  return {
    kind: 'state',
    isMet: (object) => {
      const { generation = 0 } = object.metadata ?? {};
      const { conditions, observedGeneration = generation } = statusOf(object);
      if (!Array.isArray(conditions)) return false;
      const found = (conditions as readonly Condition[]).find(
        (each) => String(each?.type).toLowerCase() === type,
      );
      // What is said of an older state of the object is not said of this one.
      const observed = found?.observedGeneration ?? observedGeneration;
      return observed >= generation && String(found?.status).toLowerCase() === status;
    },
  };
}

interface Condition {
  readonly type?: unknown;
  readonly status?: unknown;
  readonly observedGeneration?: number;
}

function statusOf(object: DynamicObject): {
  readonly conditions?: unknown;
  readonly observedGeneration?: number;
} {
  const { status } = object as { status?: object | null };
  return status ?? {};
}

function jsonPathWish(text: string): WaitWish {
  const mark = valueMark(text);
  const path = mark < 0 ? text : text.slice(0, mark);
  const wanted = mark < 0 ? undefined : text.slice(mark + 1).replaceAll(/^['"]+|['"]+$/g, '');
  if (wanted === '') {
    throw new CommandError(
      "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
    );
  }
  const steps = readFieldPath(path);
  return {
    kind: 'state',
    isMet: (object) => {
      const [value, ...more] = valuesAt(steps, object);
      if (more.length > 0) {
        throw new CommandError('given jsonpath expression matches more than one value');
      }
      if (value === undefined || wanted === undefined) return value !== undefined;
      if (typeof value === 'object' && value !== null) {
        throw new CommandError('jsonpath leads to a nested object or list which is not supported');
      }
      return String(value) === wanted;
    },
  };
}

/** Where the `=` is that parts a path from the value that is wanted; those within brackets and quotes compare. */
function valueMark(text: string): number {
  let depth = 0;
  let quote = '';
  for (const [at, character] of [...text].entries()) {
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if ('{[('.includes(character)) depth += 1;
    else if ('}])'.includes(character)) depth -= 1;
    else if (character === '=' && depth === 0) return at;
  }
  return -1;
}
