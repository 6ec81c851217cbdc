import type { ImageRecord, ImageStore } from '../runtime/image-store.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';

/** The file system of the machine as the one image of containers that are processes. */
export const hostImage: ImageRecord = {
  // Of the word `host`: there is nothing else to count.
  id: 'sha256:4740ae6347b0172c01254ff55bae5aff5199f4446e7f6d643d40185b3f475145',
  tags: ['host'],
  digests: [],
  sizeBytes: 0,
  userId: 0,
  isPinned: true,
};

/** Also as those spell it who fill in what a name leaves out. */
const names = new Set(
  ['host', 'library/host', 'docker.io/library/host'].flatMap((name) => [name, `${name}:latest`]),
);

/** The images of a machine that has no container runtime: itself. */
export const hostImages: ImageStore = {
  async find(image) {
    return names.has(image) || image === hostImage.id ? hostImage : undefined;
  },
  async pull(image) {
    if (names.has(image)) return hostImage.id;
    throw new RuntimeError(
      'not-found',
      `failed to pull ${JSON.stringify(image)}: this node runs pods as processes and has no images but "host", the programs of the machine; say \`image: host\`, or install containerd`,
    );
  },
  list: async () => [hostImage],
  async remove(image) {
    if (!names.has(image) && image !== hostImage.id) return;
    throw new RuntimeError('unsupported', 'the image "host" is the machine itself: it stays');
  },
};
