import { generateKeyPairSync } from 'node:crypto';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';

const { privateKey } = generateKeyPairSync('ed25519', {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

const signer = { signingDomain: 'example.org', selector: 's', privateKey };

/** The `bh=` that mailauth writes. */
export async function hashOfMailauth(body: Buffer): Promise<string | undefined> {
  const message = Buffer.concat([Buffer.from('From: a@example.org\r\n\r\n'), body]);
  const { signatures } = await dkimSign(message, {
    canonicalization: 'relaxed/relaxed',
    algorithm: 'ed25519-sha256',
    ...signer,
    signatureData: [signer],
  });
  return /bh=([^;]+);/.exec(signatures.replaceAll(/\r\n\s+/g, ''))?.[1]?.replaceAll(' ', '');
}
