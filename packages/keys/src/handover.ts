import { randomUUID, type KeyObject } from 'node:crypto';
import {
  CodedError,
  internalApis,
  type KeyId,
  type ServiceName,
  type SignedBody,
  type TenantKeyState,
} from '@mysmtp/contracts';
import { problems, type ServiceClient } from '@mysmtp/http';
import type { Signed } from '@mysmtp/signed';
import { createRecipient, sealKeys } from './sealing.ts';

/** What privacy says of a tenant's keys. */
export interface KeysAnswer<Key> {
  readonly state: TenantKeyState;
  readonly keys: Readonly<Record<KeyId, Key>>;
  /** These exist no more and never will again. */
  readonly destroyed: readonly KeyId[];
}

/** How far from now a request may have been signed, in either direction. Milliseconds. */
const window = 60_000;

/**
 * Asks privacy, as `service`. Neither the request nor the answer says a key to whoever carries it, and
 * no other can answer: both are signed, and the keys are sealed to a key pair of this request.
 */
export async function askForKeys(
  means: {
    readonly client: ServiceClient;
    readonly signed: Signed;
    readonly service: ServiceName;
  },
  tenant: string,
  ids?: readonly KeyId[],
): Promise<KeysAnswer<KeyObject>> {
  const { client, signed, service } = means;
  const { publicKey, open } = await createRecipient();
  const id = randomUUID();
  const asked = await signed.sign('keysAsked', {
    id,
    tenant,
    publicKey,
    ...(ids === undefined ? undefined : { ids: [...ids] }),
  });
  const { jws } = await client.call(internalApis.resolveKeys, { jws: asked.toString('latin1') });
  const heard = await signed.hear('keysGiven', Buffer.from(jws, 'latin1'));
  if ('refused' in heard)
    throw new CodedError('keys_not_proven', `The answer is not proven: ${heard.refused}`);
  const { request, state, destroyed } = heard.said;
  if (request !== id) {
    signed.refuse('keysGiven', 'other_request');
    throw new CodedError('keys_not_proven', 'The answer is to another request');
  }
  return { state, destroyed, keys: await open(heard.said, { request, tenant, service }) };
}

/**
 * The serving end: hears who asks for what, and seals the keys to who asked. The octets of the keys in
 * an answer are overwritten.
 */
export function answerKeys(
  signed: Signed,
  answer: (
    asked: { readonly tenant: string; readonly ids?: readonly KeyId[] | undefined },
    caller: ServiceName,
  ) => Promise<KeysAnswer<Buffer>>,
): (body: SignedBody, caller: ServiceName) => Promise<SignedBody> {
  return async ({ jws }, caller) => {
    const heard = await signed.hear('keysAsked', Buffer.from(jws, 'latin1'));
    if ('refused' in heard) {
      throw heard.refused === 'unreadable'
        ? problems.invalid([{ path: 'jws', message: 'It is not a request for keys' }])
        : problems.forbidden();
    }
    const { said, by, at } = heard;
    if (by !== caller) {
      signed.refuse('keysAsked', 'other_sender');
      throw problems.forbidden();
    }
    if (Math.abs(Date.now() - at) > window) {
      signed.refuse('keysAsked', 'late');
      throw problems.forbidden();
    }
    const { id: request, tenant, publicKey } = said;
    const { state, keys, destroyed } = await answer(said, caller);
    const sealed = await sealKeys(keys, publicKey, { request, tenant, service: caller });
    const given = await signed.sign('keysGiven', {
      request,
      state,
      destroyed: [...destroyed],
      ...sealed,
    });
    return { jws: given.toString('latin1') };
  };
}
