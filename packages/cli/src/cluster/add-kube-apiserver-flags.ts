import type { Command } from 'commander';
import { addAuthenticationFlags } from '../cluster-access/add-authentication-flags.ts';
import { addAuthorizationFlags } from '../cluster-access/add-authorization-flags.ts';
import { addEncryptionFlags } from '../cluster-access/add-encryption-flags.ts';
import { addKubeletFlags } from '../cluster-access/add-kubelet-flags.ts';
import { addServiceAccountFlags } from '../cluster-access/add-service-account-flags.ts';
import { addApiFlags } from '../server-flags/add-api-flags.ts';
import { addRequestFlags } from '../server-flags/add-request-flags.ts';
import { addAuditFlags } from '../server-flags/add-audit-flags.ts';
import { addServingFlags } from '../server-flags/add-serving-flags.ts';

/** Adds the flags of a kube-apiserver that `up` and its stand-in for envtest share. */
export function addKubeApiserverFlags(command: Command): Command {
  addServingFlags(command);
  addApiFlags(command);
  addRequestFlags(command);
  addEncryptionFlags(command);
  addKubeletFlags(command);
  addServiceAccountFlags(command);
  addAuthenticationFlags(command);
  addAuditFlags(command);
  return addAuthorizationFlags(command);
}
