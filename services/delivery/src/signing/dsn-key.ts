import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { asciiDomain, createRelaxedBodyHash, domainOf, splitHeaderBlock } from '@mysmtp/mail';
import { ConfigError } from '@mysmtp/service';
import { dkimSignatures, type SigningKey } from './sign.ts';

export interface DsnKeySettings {
  readonly dsnDkimKeyFile: string | undefined;
  readonly dsnDkimSelector: string | undefined;
}

/** Minimum key length in bits (RFC 8301 3.2). */
const fewestBits = 2_048;

/**
 * The key that signs DSNs for the domain of their author, so that a DSN passes DMARC (RFC 7489 3.1.1);
 * `undefined` if no key is configured. Throws a `ConfigError`.
 */
export async function openDsnKey(
  { dsnDkimKeyFile: file, dsnDkimSelector: selector }: DsnKeySettings,
  author: string,
): Promise<SigningKey | undefined> {
  if (file === undefined && selector === undefined) return undefined;
  if (file === undefined) throw refused('DSN_DKIM_KEY_FILE', 'is missing: there is a selector');
  if (selector === undefined) throw refused('DSN_DKIM_SELECTOR', 'is missing: there is a key');
  const privateKey = await readKey(file);
  if ((privateKey.asymmetricKeyDetails?.modulusLength ?? 0) < fewestBits) {
    throw refused('DSN_DKIM_KEY_FILE', `is not an RSA key with ${String(fewestBits)} bits or more`);
  }
  const domain = domainOf(author);
  return { domain: asciiDomain(domain) ?? domain, selector, privateKey };
}

async function readKey(file: string): Promise<KeyObject> {
  const pem = await readFile(file).catch(() => {
    throw refused('DSN_DKIM_KEY_FILE', 'cannot be read');
  });
  try {
    return createPrivateKey(pem);
  } catch {
    throw refused('DSN_DKIM_KEY_FILE', 'is not a PEM private key');
  }
}

const refused = (setting: string, reason: string) => new ConfigError([{ setting, reason }]);

/** The message with a DKIM-Signature field in front. */
export async function withSignature(message: Buffer, at: number, key: SigningKey): Promise<Buffer> {
  const { header, body } = splitHeaderBlock(message);
  const hash = createRelaxedBodyHash();
  hash.update(body);
  const signed = { header: header.toString('latin1'), bodyHash: hash.digest(), at };
  return Buffer.concat([Buffer.from(await dkimSignatures(signed, [key]), 'latin1'), message]);
}
