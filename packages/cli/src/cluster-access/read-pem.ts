import { createPrivateKey } from 'node:crypto';
import { Secret } from '@fairway/host';

/** The text itself. Errors: what is wrong with it, as half a sentence. */
export function requireCertificate(text: string): string {
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new Error('it holds no certificate in PEM');
}

/** Errors: what is wrong with it, as half a sentence. */
export function readKey(text: string): Secret {
  try {
    createPrivateKey(text);
  } catch {
    // Without the cause, which may show what is in the file.
    throw new Error('it holds no key in PEM');
  }
  return new Secret(text);
}
