import { findRabbitMq, installRabbitMq } from '@mysmtp/tooling';
import type { Way } from '../way.ts';
import { nodeFrom } from './node.ts';

/** Installs Debian's package. */
export const debian: Way = {
  name: 'Debian’s package rabbitmq-server',
  kind: 'rabbitmq',
  find: async (place) => {
    const refusal = await installRabbitMq(place.progress, place.step);
    const command = await findRabbitMq();
    if (refusal !== undefined || command === undefined) {
      return refusal ?? { reason: 'it has no rabbitmq-server' };
    }
    return nodeFrom(command, place);
  },
};
