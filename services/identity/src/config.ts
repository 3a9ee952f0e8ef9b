import { checkAddress, isAscii } from '@mysmtp/mail';
import {
  commonSettings,
  internalUrlSetting,
  keyFreshness,
  kinds,
  setting,
  type Config,
} from '@mysmtp/service';

/** ASCII, so that a notice needs no SMTPUTF8. */
const isMailbox = (text: string): boolean => isAscii(text) && checkAddress(text) === undefined;

export const settings = {
  ...commonSettings,
  /** Base URL of privacy's internal API, the source of keys. */
  privacyUrl: internalUrlSetting('PRIVACY_URL'),
  /** Base URL of ingress's internal API, which accepts notices. */
  ingressUrl: internalUrlSetting('INGRESS_URL'),
  keyFreshness,
  /** Author and reverse-path of notices by mail. Without it they wait. */
  noticesFrom: setting(
    'NOTICES_FROM',
    kinds.text.refine(isMailbox, 'must be an address').optional(),
  ),
} as const;

export type IdentityConfig = Config<typeof settings>;
