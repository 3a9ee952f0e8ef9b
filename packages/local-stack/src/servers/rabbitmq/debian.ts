import { findCommand, outputOf } from '../command.ts';
import type { Way } from '../way.ts';
import { nodeFrom } from './node.ts';

/** RUNLEVEL=1 tells invoke-rc.d to start no system service: the stack runs a node of its own. */
const quiet = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };

/** Installs Debian's package. */
export const debian: Way = {
  name: 'Debian’s package rabbitmq-server',
  find: async (place) => {
    const apt = await findCommand('apt-get');
    if (apt === undefined) return { reason: 'no apt-get here' };
    if (process.getuid?.() !== 0) {
      return { reason: 'installing it needs root: apt-get install rabbitmq-server' };
    }
    place.progress('Installing RabbitMQ from Debian (once)');
    const install = ['install', '-y', '-qq', '--no-install-recommends', 'rabbitmq-server'];
    const minutes = 60_000;
    if ((await outputOf(apt, install, 10 * minutes, quiet)) === undefined) {
      await outputOf(apt, ['update', '-qq'], 3 * minutes, quiet);
      if ((await outputOf(apt, install, 10 * minutes, quiet)) === undefined) {
        return { reason: 'apt-get could not install it: run apt-get install rabbitmq-server' };
      }
    }
    const command = await findCommand('rabbitmq-server', ['/usr/sbin']);
    return command === undefined
      ? { reason: 'it has no rabbitmq-server' }
      : nodeFrom(command, place);
  },
};
