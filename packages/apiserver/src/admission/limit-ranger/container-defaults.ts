import type { Container, LimitRange, Pod } from '@fairway/kinds/core/v1';
import { type Draft, type ObjectDraft, metadataOf } from '@fairway/protocol';

const annotation = 'kubernetes.io/limit-ranger';

type Amounts = Readonly<Record<string, string>>;

/**
 * Gives the containers of a pod the requests and limits of a limit range that they do not have, and notes in an
 * annotation which these are.
 */
export function applyContainerDefaults(pod: ObjectDraft<Pod>, { spec }: LimitRange): void {
  const items = (spec?.limits ?? []).filter(({ type }) => type === 'Container');
  const requests = Object.assign({}, ...items.map((item) => item.defaultRequest)) as Amounts;
  const limits = Object.assign({}, ...items.map((item) => item.default)) as Amounts;
  const notes = [
    ...(pod.spec?.containers ?? []).flatMap((container) =>
      fillIn(container, { requests, limits, what: 'container' }),
    ),
    ...(pod.spec?.initContainers ?? []).flatMap((container) =>
      fillIn(container, { requests, limits, what: 'init container' }),
    ),
  ];
  if (notes.length === 0) return;
  const metadata = metadataOf(pod);
  const text = `LimitRanger plugin set: ${notes.join('; ')}`;
  metadata.annotations = { ...metadata.annotations, [annotation]: text };
}

/** Answers what it has done, in the words of the annotation. */
function fillIn(
  container: Draft<Container>,
  {
    requests,
    limits,
    what,
  }: { readonly requests: Amounts; readonly limits: Amounts; readonly what: string },
): readonly string[] {
  const given = { requests, limits };
  return (['requests', 'limits'] as const).flatMap((list) => {
    const own = container.resources?.[list] ?? {};
    const missing = Object.keys(given[list]).filter((name) => !Object.hasOwn(own, name));
    if (missing.length === 0) return [];
    container.resources ??= {};
    container.resources[list] = { ...given[list], ...own };
    return [`${missing.toSorted().join(', ')} ${list.slice(0, -1)} for ${what} ${container.name}`];
  });
}
