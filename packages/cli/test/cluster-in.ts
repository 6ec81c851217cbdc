import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sendHttp1 } from '@fairway/serving/testing';

/** Where the cluster of a folder is, how its administrator is known to it, and a way to ask it as him. */
export async function clusterIn(folder: string) {
  const kubeconfig = await readFile(join(folder, '.fairway/kubeconfig'), 'utf8');
  const field = (name: string): string => new RegExp(`${name}: (\\S+)`).exec(kubeconfig)?.[1] ?? '';
  const data = (name: string): string => Buffer.from(field(`${name}-data`), 'base64').toString();
  const access = {
    ca: data('certificate-authority'),
    cert: data('client-certificate'),
    key: data('client-key'),
  };
  const url = field('server');
  return {
    ...access,
    url,
    ask: (path: string, options: Parameters<typeof sendHttp1>[1] = {}) =>
      sendHttp1(`${url}${path}`, { ...access, ...options }),
  };
}
