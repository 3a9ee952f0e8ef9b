export {
  findCommand,
  isExecutable,
  outputOf,
  runCommand,
  sendSignal,
  type CommandOptions,
} from './command.ts';
export { installPackages, unpackPackages } from './debian.ts';
export { writeOrCheck, type Generated } from './generated.ts';
export { nodeOptions } from './node-options.ts';
export { pythonWith } from './python.ts';
export { findRabbitMq, installRabbitMq } from './rabbitmq.ts';
export { cacheDir, repositoryRoot } from './repository.ts';
export { createSteps, stepInLines, type Step } from './steps.ts';
