import type { Container, Pod } from '@fairway/kinds/core/v1';
import { fieldErrorText, forbidden, type ObjectDraft, unsupported } from '@fairway/protocol';
import type { AdmissionPlugin } from './admission-plugin.ts';

const always = 'Always';

/**
 * Has every image pulled anew, so that nobody runs an image that only somebody else may pull. Source: Kubernetes
 * admission, AlwaysPullImages.
 */
export const alwaysPullImages: AdmissionPlugin<Pod> = {
  name: 'AlwaysPullImages',
  operations: ['CREATE', 'UPDATE'],
  resources: ['/pods'],
  async admit({ draft, stored }) {
    if (draft === undefined || hasSameImages(draft, stored as Pod | undefined)) return;
    const { initContainers = [], containers = [], ephemeralContainers = [] } = draft.spec ?? {};
    for (const each of [...initContainers, ...containers, ...ephemeralContainers]) {
      each.imagePullPolicy = always;
    }
  },
  async validate({ object, stored, resource, name }) {
    if (object === undefined || hasSameImages(object, stored as Pod | undefined)) return;
    for (const [{ imagePullPolicy }, path] of containersOf(object)) {
      if (imagePullPolicy === always) continue;
      const error = unsupported(`${path}.imagePullPolicy`, imagePullPolicy, [always]);
      throw forbidden({ ...resource, name }, fieldErrorText(error));
    }
  },
};

function hasSameImages(pod: ObjectDraft<Pod> | Pod, stored: Pod | undefined): boolean {
  if (stored === undefined) return false;
  const known = new Set(containersOf(stored).map(([{ image }]) => image));
  return containersOf(pod as Pod).every(([{ image }]) => known.has(image));
}

function containersOf({ spec }: Pod): readonly (readonly [Partial<Container>, string])[] {
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) =>
    (spec?.[list] ?? []).map((each, at) => [each, `spec.${list}[${at}]`] as const),
  );
}
