// All that we use of the Kubernetes client: `packages/images` bundles these and what they need.
export {
  AuthenticationV1Api,
  CoreV1Api,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
