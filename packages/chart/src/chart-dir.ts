import path from 'node:path';
import { repositoryRoot } from '@mysmtp/tooling';

export const chartDir = path.join(repositoryRoot, 'charts', 'mysmtp');
