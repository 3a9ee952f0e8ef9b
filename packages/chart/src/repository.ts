import path from 'node:path';
import { repositoryRoot } from '@mysmtp/local-stack';

export { repositoryRoot };
export const chartDir = path.join(repositoryRoot, 'charts', 'mysmtp');
