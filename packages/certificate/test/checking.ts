import type { Certificate } from '@mysmtp/contracts';
import { readRegistry } from '../src/inputs.ts';
import type { JwkSet } from '../src/jws.ts';
import type { Opening } from '../src/statements.ts';
import { verify, type Verification } from '../src/verify.ts';
import { goodCertificate, keys, sign } from './builder.ts';

export const good = await goodCertificate();

/** The good certificate with other receipts of this store, or with none. */
export const withReceipt = (store: string, ...others: Certificate['receipts']): Certificate => ({
  ...good,
  receipts: [...good.receipts.filter((entry) => entry.store !== store), ...others],
});

export const check = (jws: string, opening?: Opening) => verify(jws, keys, readRegistry, opening);
/** The same under other published keys. */
export const checkUnder = async (published: JwkSet, content: unknown) =>
  reasonsOf(await verify(await sign(content), published, readRegistry));
export const reasonsOf = ({ checks }: Verification) => checks.flatMap(({ reasons }) => reasons);
export const checkContent = async (content: unknown) => reasonsOf(await check(await sign(content)));

export const b64 = (text: string) => Buffer.from(text).toString('base64url');
