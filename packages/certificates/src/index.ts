export { DerError } from './der.ts';
export type { CertifiedKey } from './authority-signer.ts';
export { type AlternativeNames, type CertificateSubject, readNameTexts } from './names.ts';
export { type PemBlock, readPemBlocks } from './pem.ts';
export { type CertificateFacts, readCertificate } from './read-certificate.ts';
export {
  type CertificateRequestFacts,
  type CertificateRequestSignature,
  readCertificateRequest,
} from './read-certificate-request.ts';
export { checkRequestSignature } from './check-request-signature.ts';
export { type SigningOptions, signCertificateRequest } from './sign-certificate-request.ts';
export {
  CertificateError,
  type EnsureCertificatesOptions,
  type EnsuredCertificates,
  ensureCertificates,
  ensureClientCertificates,
} from './ensure-certificates.ts';
export {
  type CertificateUse,
  type IssueOptions,
  issueCertificate,
  makeCertificateAuthority,
} from './issue-certificate.ts';
export { makeCertificateRequest } from './make-certificate-request.ts';
export { makePrivateKey } from './private-key.ts';
export { certificatesIn, publicKeyPin } from './public-key-pin.ts';
