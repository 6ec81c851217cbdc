export { DerError } from './certificates/der.ts';
export type { CertifiedKey } from './certificates/authority-signer.ts';
export type { AlternativeNames, CertificateSubject } from './certificates/names.ts';
export { type PemBlock, readPemBlocks } from './certificates/pem.ts';
export { type CertificateFacts, readCertificate } from './certificates/read-certificate.ts';
export {
  type CertificateRequestFacts,
  type CertificateRequestSignature,
  readCertificateRequest,
} from './certificates/read-certificate-request.ts';
export { checkRequestSignature } from './certificates/check-request-signature.ts';
export {
  type SigningOptions,
  signCertificateRequest,
} from './certificates/sign-certificate-request.ts';
