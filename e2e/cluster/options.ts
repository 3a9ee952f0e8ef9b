import { commandLine, hostAndPort } from '@mysmtp/command-line';
import { imageWay } from './images.ts';

export interface ClusterOptions {
  readonly keep: boolean;
  readonly down: boolean;
  readonly sameImages: boolean;
  readonly smarthost: string | undefined;
}

const environment = `
Environment:
  MYSMTP_LOAD_IMAGE     a command that brings an image into the cluster; called with an archive's path
  MYSMTP_REGISTRY       or a registry that it pulls from, and where we may push
  MYSMTP_HOST_ADDRESS   an address of this machine that pods reach; found automatically if a node is on it`;

/** Reads the command line. Throws a `UsageError`. */
export function parseOptions(argv: readonly string[]): ClusterOptions {
  const command = commandLine('npm run e2e:cluster --')
    .description('Installs mySMTP into the cluster that KUBECONFIG names and tests it there.')
    .option(
      '--keep',
      'keep the release and its back ends; .mysmtp/cluster.json describes how to use it',
    )
    .option('--down', 'only remove what --keep left')
    .option('--same-images', 'use the images of an earlier run')
    .option(
      '--smarthost <HOST:PORT>',
      'send all mail there, with an address that pods reach; tests of delivery are left out',
      hostAndPort,
    )
    .addHelpText('after', environment);
  const {
    keep = false,
    down = false,
    sameImages = false,
    smarthost,
  } = command.parse(argv, { from: 'user' }).opts();
  const { load, registry } = imageWay();
  if (!down && !sameImages && load === undefined && registry === undefined) {
    command.error('How does the cluster get images? Set MYSMTP_LOAD_IMAGE or MYSMTP_REGISTRY');
  }
  return { keep, down, sameImages, smarthost };
}
