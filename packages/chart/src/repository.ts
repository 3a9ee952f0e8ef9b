import path from 'node:path';

export const repositoryRoot = path.resolve(import.meta.dirname, '../../..');
export const chartDir = path.join(repositoryRoot, 'charts', 'mysmtp');
