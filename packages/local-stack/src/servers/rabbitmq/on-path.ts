import { findRabbitMq } from '@mysmtp/tooling';
import type { Way } from '../way.ts';
import { nodeFrom } from './node.ts';

export const onPath: Way = {
  name: 'rabbitmq-server on PATH',
  kind: 'rabbitmq',
  find: async (place) => {
    const command = await findRabbitMq();
    return command === undefined ? { reason: 'not installed' } : nodeFrom(command, place);
  },
};
