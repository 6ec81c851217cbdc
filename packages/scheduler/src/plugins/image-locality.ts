import { scoreMax } from './normalize-scores.ts';
import type { Plugin } from './plugin.ts';

const mebibyte = 1024 * 1024;
/** Less than this is pulled in no time. */
const bytesMin = 23 * mebibyte;
const bytesMaxPerContainer = 1_000 * mebibyte;

/** Prefers nodes that have the images of a pod, the larger and the more widely spread the better. */
export const imageLocality: Plugin = {
  name: 'ImageLocality',
  score: ({ images }, snapshot) => {
    if (!snapshot.hasImages) return undefined;
    const nodeCount = snapshot.nodes.length;
    const wanted = images.map(withTag).map((image) => ({
      image,
      // A single node that has an image should not draw every pod that needs it.
      share: snapshot.nodesWith(image) / nodeCount,
    }));
    const bytesMax = bytesMaxPerContainer * images.length;
    return {
      score: ({ facts }) => {
        let bytes = 0;
        for (const { image, share } of wanted) {
          bytes += Math.trunc((facts.images.get(image) ?? 0) * share);
        }
        const counted = Math.min(Math.max(bytes, bytesMin), bytesMax);
        return Math.trunc((scoreMax * (counted - bytesMin)) / (bytesMax - bytesMin));
      },
    };
  },
};

function withTag(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
}
