import { findCommand } from '../command.ts';
import type { Way } from '../way.ts';
import { nodeFrom } from './node.ts';

export const onPath: Way = {
  name: 'rabbitmq-server on PATH',
  kind: 'rabbitmq',
  find: async (place) => {
    const command = await findCommand('rabbitmq-server', ['/usr/sbin', '/usr/local/sbin']);
    return command === undefined ? { reason: 'not installed' } : nodeFrom(command, place);
  },
};
