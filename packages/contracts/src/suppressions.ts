import { z } from 'zod';

/**
 * Why no mail of a tenant is sent to a person: the person has objected (GDPR Art. 21), or the processing of
 * the data is restricted (Art. 18).
 */
export const suppressionGrounds = ['objection', 'restriction'] as const;
export const SuppressionGround = z.enum(suppressionGrounds);
export type SuppressionGround = z.infer<typeof SuppressionGround>;

/**
 * Broadcast to every process of delivery once a suppression is stored or removed. `person` is the blind index
 * of the address.
 */
export const SuppressionChanged = z.strictObject({
  v: z.literal(1),
  tenant: z.string(),
  person: z.string(),
  exists: z.boolean(),
});
export type SuppressionChanged = z.infer<typeof SuppressionChanged>;
