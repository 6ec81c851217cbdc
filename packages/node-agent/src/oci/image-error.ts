/** An image cannot be taken as it is; the message says what, why and what to do. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
}
