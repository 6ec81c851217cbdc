import { type EnsuredCertificates, issueCertificate } from '@fairway/certificates';
import type { Host } from '@fairway/host';
import type { AgentServing } from '@fairway/node-agent';

/** By which the API server knows the agent of its own machine, for as long as this process may run. */
export async function ownNodeServing(
  { clock, random }: Host,
  { authority }: EnsuredCertificates,
  { name, address }: { readonly name: string; readonly address: string },
): Promise<AgentServing> {
  const subject = { commonName: `system:node:${name}`, organizations: ['system:nodes'] };
  const use = { kind: 'server', names: [name, address] } as const;
  const certificate = await issueCertificate(authority, use, { subject, clock, random });
  const tls = { ...certificate, clientCertificateAuthorities: authority.certificate };
  return { port: 0, tls: () => tls };
}
