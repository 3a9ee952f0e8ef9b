import { isWithin } from '@mysmtp/api';

/** The limits of a key, beside its permissions and its domain. Without a value there is no limit. */
export interface Bounds {
  /** The networks (CIDR) from which it is accepted. */
  readonly networks?: readonly string[] | undefined;
  /** When it expires. Milliseconds. */
  readonly endsAt?: number | undefined;
}

/** What a key would create is wider than the key itself. */
export class WiderThanCreatorError extends Error {
  /** The field of the request, or of the replaced key, that is too wide. */
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.name = 'WiderThanCreatorError';
    this.field = field;
  }
}

/**
 * A stolen key is worth no more than its own limits. So what it creates has networks within its networks, each
 * in a single one of them, and ends no later. `endField`: the name of the field with the end.
 */
export function refuseWider(bounds: Bounds, wish: Bounds, endField: string): void {
  const { networks: own } = bounds;
  const isCovered = (network: string) => own?.some((whole) => isWithin(network, whole)) ?? true;
  if (own !== undefined && wish.networks?.every(isCovered) !== true) {
    throw new WiderThanCreatorError('networks', 'must be within the networks of the key in use');
  }
  if (bounds.endsAt !== undefined && (wish.endsAt ?? Infinity) > bounds.endsAt) {
    throw new WiderThanCreatorError(endField, 'must not be later than the end of the key in use');
  }
}
