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

/** Privacy's answer to a request for a tenant's keys. */
export interface KeysAnswer<Key> {
  readonly state: TenantKeyState;
  readonly keys: Readonly<Record<KeyId, Key>>;
  /** These are destroyed for ever. */
  readonly destroyed: readonly KeyId[];
}

/**
 * Greatest tolerated difference between now and a request's signing time, in either direction.
 * Milliseconds.
 */
const window = 60_000;

/**
 * Requests keys from privacy, as `service`. Request and answer are signed, so only privacy can answer.
 * The keys are sealed to a key pair of this request, so no intermediary can read them.
 */
export async function askForKeys(
  deps: {
    readonly client: ServiceClient;
    readonly signed: Signed;
    readonly service: ServiceName;
  },
  tenant: string,
  ids?: readonly KeyId[],
): Promise<KeysAnswer<KeyObject>> {
  const { client, signed, service } = deps;
  const { publicKey, open } = await createRecipient();
  const id = randomUUID();
  const asked = await signed.sign('keysAsked', {
    id,
    tenant,
    publicKey,
    ...(ids === undefined ? undefined : { ids: [...ids] }),
  });
  const { jws } = await client.call(internalApis.resolveKeys, { jws: asked.toString('latin1') });
  const verified = await signed.verify('keysGiven', Buffer.from(jws, 'latin1'));
  if ('refused' in verified)
    throw new CodedError('keys_not_proven', `The answer is not proven: ${verified.refused}`);
  const { request, state, destroyed } = verified.payload;
  if (request !== id) {
    signed.refuse('keysGiven', 'other_request');
    throw new CodedError('keys_not_proven', 'The answer is to another request');
  }
  return { state, destroyed, keys: await open(verified.payload, { request, tenant, service }) };
}

/**
 * The serving end: verifies the caller and its request, and seals the keys to it. Overwrites the octets
 * of the keys in an answer.
 */
export function answerKeys(
  signed: Signed,
  answer: (
    asked: { readonly tenant: string; readonly ids?: readonly KeyId[] | undefined },
    caller: ServiceName,
  ) => Promise<KeysAnswer<Buffer>>,
): (body: SignedBody, caller: ServiceName) => Promise<SignedBody> {
  return async ({ jws }, caller) => {
    const verified = await signed.verify('keysAsked', Buffer.from(jws, 'latin1'));
    if ('refused' in verified) {
      throw verified.refused === 'unreadable'
        ? problems.invalid([{ path: 'jws', message: 'Not a request for keys' }])
        : problems.forbidden();
    }
    const { payload: asked, by, at } = verified;
    if (by !== caller) {
      signed.refuse('keysAsked', 'other_sender');
      throw problems.forbidden();
    }
    if (Math.abs(Date.now() - at) > window) {
      signed.refuse('keysAsked', 'late');
      throw problems.forbidden();
    }
    const { id: request, tenant, publicKey } = asked;
    const { state, keys, destroyed } = await answer(asked, caller);
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
