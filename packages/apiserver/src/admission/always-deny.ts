import { forbidden } from '@fairway/protocol';
import type { AdmissionPlugin } from './admission-plugin.ts';

const everything = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const;

/** Refuses every write but the server's own. For tests of what then happens. Source: Kubernetes admission, AlwaysDeny. */
export const alwaysDeny: AdmissionPlugin = {
  name: 'AlwaysDeny',
  operations: everything,
  async validate({ resource, name, user }) {
    // Else no server could start with it.
    if (user.username === 'system:apiserver') return;
    throw forbidden({ ...resource, name }, 'admission control is denying all modifications');
  },
};

/** Changes and refuses nothing, as its name promises. Source: Kubernetes admission, AlwaysAdmit. */
export const alwaysAdmit: AdmissionPlugin = { name: 'AlwaysAdmit', operations: [] };
