import { parseArgs } from 'node:util';

export const usage = `npm run e2e:cluster [-- OPTIONS]

Installs mySMTP into the cluster that KUBECONFIG names and tries it there.

  --keep                   leave the release and what it needs standing; .mysmtp/cluster.json says how to use it
  --down                   remove what --keep left, and do nothing else
  --same-images            take the images that an earlier run has brought
  --smarthost HOST:PORT    send all mail there, as the pods reach it; tests of delivery are left out

Environment:
  MYSMTP_LOAD_IMAGE     a command that brings an image into the cluster; called with an archive's path
  MYSMTP_REGISTRY       or a registry that it pulls from, and where we may push
  MYSMTP_HOST_ADDRESS   an address of this machine that pods reach; found by itself where a node is on it
`;

export interface ClusterOptions {
  readonly keep: boolean;
  readonly down: boolean;
  readonly sameImages: boolean;
  readonly smarthost: string | undefined;
}

/** What is wrong with the command line, in words for whoever typed it. */
export class UsageError extends Error {}

export function parseOptions(args: readonly string[]): ClusterOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        keep: { type: 'boolean', default: false },
        down: { type: 'boolean', default: false },
        'same-images': { type: 'boolean', default: false },
        smarthost: { type: 'string' },
      },
    });
    const { keep, down, smarthost, 'same-images': sameImages } = values;
    if (smarthost !== undefined && !/^\S+:\d+$/.test(smarthost)) {
      throw new UsageError('--smarthost must be HOST:PORT');
    }
    return { keep, down, sameImages, smarthost };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? error.message : 'The options cannot be read');
  }
}
