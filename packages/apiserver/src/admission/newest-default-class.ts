interface ClassObject {
  readonly metadata?: {
    readonly name?: string;
    readonly creationTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** The class marked as default by one of the annotations: the newest, then the first by name. */
export function newestDefaultClass<T extends ClassObject>(
  classes: readonly T[],
  annotations: readonly string[],
): T | undefined {
  let best: T | undefined;
  for (const each of classes) {
    const isDefault = annotations.some((key) => each.metadata?.annotations?.[key] === 'true');
    if (isDefault && (best === undefined || isBefore(each, best))) best = each;
  }
  return best;
}

function isBefore(left: ClassObject, right: ClassObject): boolean {
  const leftTime = left.metadata?.creationTimestamp ?? '';
  const rightTime = right.metadata?.creationTimestamp ?? '';
  if (leftTime !== rightTime) return leftTime > rightTime;
  return (left.metadata?.name ?? '') < (right.metadata?.name ?? '');
}
