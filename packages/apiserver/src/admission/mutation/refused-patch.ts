import {
  type JsonValue,
  type KubernetesObject,
  applyJsonPatch,
  isJsonObject,
  keyOfStep,
} from '@fairway/protocol';

/**
 * Why a patch does not fit an object, in the words of a kube-apiserver where it has some. Source:
 * evanphx/json-patch 4.
 */
export function refusedPatch(
  object: KubernetesObject,
  operations: readonly unknown[],
  { problem, operation: at }: { readonly problem: string; readonly operation?: number },
): string {
  const { op, path, from } = (at === undefined ? {} : operations[at]) as Operation;
  if (at === undefined || typeof path !== 'string') return problem;
  const before = applyJsonPatch(object as JsonValue, operations.slice(0, at));
  const document = before.kind === 'patched' ? before.value : null;
  const hasParent = (pointer: string): boolean => isContainer(valueAt(document, parentOf(pointer)));
  switch (op) {
    case 'add':
      if (hasParent(path)) break;
      return `add operation does not apply: doc is missing path: "${path}": missing value`;
    case 'remove': {
      if (!hasParent(path)) {
        return `remove operation does not apply: doc is missing path: "${path}": missing value`;
      }
      const key = path.slice(path.lastIndexOf('/') + 1);
      return `error in remove for path: '${path}': Unable to remove nonexistent key: ${key}: missing value`;
    }
    case 'replace': {
      const what = hasParent(path) ? 'key' : 'path';
      return `replace operation does not apply: doc is missing ${what}: ${path}: missing value`;
    }
    case 'move':
    case 'copy':
      if (typeof from !== 'string' || hasParent(from)) break;
      return `${op} operation does not apply: doc is missing from path: ${from}: missing value`;
    case 'test':
      return hasParent(path)
        ? `testing value ${path} failed: test failed`
        : `test operation does not apply: is missing path: ${path}: missing value`;
  }
  return problem;
}

interface Operation {
  readonly op?: unknown;
  readonly path?: unknown;
  readonly from?: unknown;
}

function parentOf(pointer: string): readonly string[] {
  return pointer.split('/').slice(1, -1).map(keyOfStep);
}

function valueAt(document: unknown, path: readonly string[]): unknown {
  let value = document;
  for (const step of path) {
    if (Array.isArray(value)) value = (value as readonly unknown[])[Number(step)];
    else value = isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
}

function isContainer(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
