import { installPackages } from '../apt.ts';
import { findCommand } from '../command.ts';
import type { Way } from '../way.ts';
import { nodeFrom } from './node.ts';

const find = () => findCommand('rabbitmq-server', ['/usr/sbin']);

/** Installs Debian's package. */
export const debian: Way = {
  name: 'Debian’s package rabbitmq-server',
  kind: 'rabbitmq',
  find: async (place) => {
    const isThere = async () => (await find()) !== undefined;
    const refusal = await installPackages(['rabbitmq-server'], isThere, place.progress);
    const command = await find();
    if (refusal !== undefined || command === undefined) {
      return refusal ?? { reason: 'it has no rabbitmq-server' };
    }
    return nodeFrom(command, place);
  },
};
