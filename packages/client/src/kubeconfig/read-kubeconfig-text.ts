import { type Files, messageOf } from '@fairway/host';

/** A kubeconfig larger than this is a mistake. */
export const kubeconfigBytesMax: number = 16 * 1024 * 1024;

/** The text of a kubeconfig file, or what is wrong with its bytes. */
export type KubeconfigText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly detail: string }
  | { readonly kind: 'malformed'; readonly detail: string };

/** Reads a file as UTF-8. What is not text is refused: writing it back would change it. */
export async function readKubeconfigText(files: Files, path: string): Promise<KubeconfigText> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = await files.read(path, { bytesMax: kubeconfigBytesMax });
  } catch (error) {
    const reason = messageOf(error);
    return { kind: 'unreadable', detail: `cannot be read: ${reason}` };
  }
  if (bytes === undefined) return { kind: 'absent' };
  const text = decodeUtf8(bytes);
  if (text === undefined) return { kind: 'malformed', detail: 'is not UTF-8 text' };
  return { kind: 'text', text };
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
