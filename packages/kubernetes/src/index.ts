// All parts of the Kubernetes client that we use: `packages/images` bundles these and their dependencies.
export {
  AuthenticationV1Api,
  CoreV1Api,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
