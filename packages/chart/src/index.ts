export { chartDir } from './chart-dir.ts';
export { kubernetesTools, type HelmMajor, type KubernetesTools } from './tools/kubernetes-tools.ts';
