import type { Step } from '../../steps.ts';
import { installPackages } from '../apt.ts';
import { findCommand } from '../command.ts';

// Imports nothing from node_modules: tools/install.ts uses it while these are being installed.

export const findRabbitMq = () => findCommand('rabbitmq-server', ['/usr/sbin', '/usr/local/sbin']);

/** Installs Debian's package. Gives the reason where it cannot. */
export const installRabbitMq = (progress: (line: string) => void, step: Step) =>
  installPackages(
    ['rabbitmq-server'],
    async () => (await findRabbitMq()) !== undefined,
    progress,
    step,
  );
