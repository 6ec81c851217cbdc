import type { ImageStore } from '../runtime/image-store.ts';
import type { CriClient } from './cri-client.ts';
import { imageRecord } from './read-records.ts';

/** The largest images over the slowest lines take so long; the runtime itself gives up a pull that stands still. */
const pullTimeoutMs = 3_600_000;

/** The images of a runtime behind CRI. */
export function criImages(client: CriClient): ImageStore {
  return {
    async find(image) {
      const { image: found } = await client.call('ImageStatus', { image: { image } });
      return found === undefined ? undefined : imageRecord(found);
    },
    async pull(image, credentials) {
      const auth =
        credentials === undefined
          ? {}
          : {
              auth: { username: credentials.username, password: credentials.password.reveal() },
            };
      const request = { image: { image }, ...auth };
      const { imageRef } = await client.call('PullImage', request, { timeoutMs: pullTimeoutMs });
      return imageRef ?? '';
    },
    async list() {
      const { images = [] } = await client.call('ListImages', {});
      return images.map(imageRecord);
    },
    async remove(image) {
      await client.call('RemoveImage', { image: { image } });
    },
  };
}
