import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { CertifiedKey } from '@fairway/certificates';
import { type Files, Secret } from '@fairway/host';

const keyBegins = '-----BEGIN PRIVATE KEY-----';

/** Reads a certificate and its key from one file; undefined where there is none that can be used. */
export async function readCertifiedKey(
  files: Pick<Files, 'read'>,
  path: string,
): Promise<CertifiedKey | undefined> {
  const bytes = await files.read(path);
  if (bytes === undefined) return undefined;
  const text = Buffer.from(bytes).toString();
  const at = text.indexOf(keyBegins);
  const pair = { certificate: text.slice(0, Math.max(0, at)), key: text.slice(Math.max(0, at)) };
  try {
    const isPair = new X509Certificate(pair.certificate).checkPrivateKey(
      createPrivateKey(pair.key),
    );
    return isPair ? { certificate: pair.certificate, key: new Secret(pair.key) } : undefined;
  } catch {
    // A damaged file is as good as none: who holds it asks for a new one.
    return undefined;
  }
}

/** Writes both into one file, so that no reader and no crash finds one without the other. */
export async function writeCertifiedKey(
  files: Pick<Files, 'write'>,
  path: string,
  { certificate, key }: CertifiedKey,
): Promise<void> {
  const text = `${certificate.trimEnd()}\n${key.reveal()}`;
  await files.write(path, Buffer.from(text), { mode: 0o600 });
}
