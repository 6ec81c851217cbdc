import type { ImageStore } from '../runtime/image-store.ts';
import type { ImageFolder } from '../oci/image-folder.ts';
import { ImageNameError, parseImageReference } from '../oci/image-reference.ts';

/**
 * Images that have been loaded are on the machine: they are found as they were loaded last, also where no
 * container has used them yet. `store` pulls them from the folder's registry.
 */
export function withLoadedImages(store: ImageStore, folder: ImageFolder): ImageStore {
  const loadedDigest = async (image: string): Promise<string | undefined> => {
    try {
      return (await folder.find(parseImageReference(image)))?.descriptor.digest;
    } catch (error) {
      // The identifiers of images are no names.
      if (error instanceof ImageNameError) return undefined;
      throw error;
    }
  };
  return {
    ...store,
    loadedDigest,
    async find(image) {
      const found = await store.find(image);
      const digest = await loadedDigest(image);
      const isCurrent = found?.digests.some((each) => each.endsWith(`@${digest}`)) ?? false;
      if (digest === undefined || isCurrent) return found;
      await store.pull(image);
      return await store.find(image);
    },
  };
}
