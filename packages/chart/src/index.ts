export { chartDir } from './repository.ts';
export { kubernetesTools, type HelmMajor, type KubernetesTools } from './tools/kubernetes-tools.ts';
