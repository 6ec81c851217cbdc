import type { Service } from '@fairway/kinds/core/v1';
import { forbidden } from '@fairway/protocol';
import type { AdmissionPlugin } from './admission-plugin.ts';

/**
 * Lets no service have an external address that it had not before: whoever may make services could take
 * others' traffic by them. Source: Kubernetes admission, DenyServiceExternalIPs; CVE-2020-8554.
 */
export const denyServiceExternalIps: AdmissionPlugin<Service> = {
  name: 'DenyServiceExternalIPs',
  operations: ['CREATE', 'UPDATE'],
  resources: ['/services'],
  async validate({ object, stored, resource, name }) {
    const known = (stored as Service | undefined)?.spec?.externalIPs ?? [];
    const added = (object?.spec?.externalIPs ?? []).filter((each) => !known.includes(each));
    if (added.length === 0) return;
    throw forbidden({ ...resource, name }, 'Use of external IPs is denied by admission control');
  },
};
