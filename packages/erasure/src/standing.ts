import { internalApis, type Fence, type Standing } from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';

/**
 * Reads from privacy's ledger what may be done for a request now. A signature proves only that a message was
 * sent once; this answer proves that it is still valid. Rejects if privacy does not answer.
 */
export type AskStanding = (fence: Fence) => Promise<Standing>;

export const standingAt =
  (privacy: ServiceClient): AskStanding =>
  ({ erasure, subject }) =>
    privacy.call(internalApis.standing, { erasure, subject });
