export { generated } from './generate/generated.ts';
