import { findCommand } from './command.ts';
import { installPackages } from './debian.ts';
import type { Step } from './steps.ts';

export const findRabbitMq = () => findCommand('rabbitmq-server', ['/usr/sbin', '/usr/local/sbin']);

/** Installs Debian's package. Returns the reason of a failure. */
export const installRabbitMq = (progress: (line: string) => void, step: Step) =>
  installPackages(
    ['rabbitmq-server'],
    async () => (await findRabbitMq()) !== undefined,
    progress,
    step,
  );
