import type { Environment } from '@fairway/host';

/** Names that Go, and so Kubernetes, has for what Node.js calls otherwise. */
const systems: Readonly<Record<string, string>> = { win32: 'windows', sunos: 'solaris' };
const architectures: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  ppc64: 'ppc64le',
  mipsel: 'mipsle',
};

/** The platform of a machine as the versions of a cluster tell it: `linux/arm64`. */
export function platformOf({
  platform,
  architecture,
}: Pick<Environment, 'platform' | 'architecture'>): string {
  return `${systems[platform] ?? platform}/${architectures[architecture] ?? architecture}`;
}
