/** The checked parts of rendered manifests; the API server validates the rest. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: unknown;
}

export interface Pod {
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: unknown;
  readonly imagePullSecrets?: readonly { readonly name: string }[];
  readonly initContainers?: readonly Pick<Container, 'name' | 'securityContext'>[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly Volume[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly Variable[];
  readonly securityContext: unknown;
  readonly resources: Record<'requests' | 'limits', Record<'cpu' | 'memory', unknown>>;
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly startupProbe?: unknown;
  readonly livenessProbe?: unknown;
  readonly readinessProbe?: unknown;
}

export interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

export interface Volume {
  readonly name: string;
  readonly secret?: { readonly secretName: string; readonly items: readonly unknown[] };
  readonly projected?: {
    readonly sources: readonly {
      readonly serviceAccountToken?: { readonly audience?: string; readonly path: string };
      readonly secret?: { readonly name: string; readonly items: readonly unknown[] };
    }[];
  };
}

export const ofKind = (manifests: readonly Manifest[], kind: string): Manifest[] =>
  manifests.filter((manifest) => manifest.kind === kind);

export function find(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = ofKind(manifests, kind).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`There is no ${kind} ${name}`);
  return found;
}

/** The pods of Deployments and Jobs, by the name of their component. */
export function podsOf(manifests: readonly Manifest[]): ReadonlyMap<string, Pod> {
  const workloads = manifests.filter(({ kind }) => kind === 'Deployment' || kind === 'Job');
  return new Map(
    workloads.map(({ metadata, spec }) => [
      metadata.labels['app.kubernetes.io/component'] ?? '',
      (spec as { template: { spec: Pod } }).template.spec,
    ]),
  );
}

export function podOf(manifests: readonly Manifest[], component: string): Pod {
  const pod = podsOf(manifests).get(component);
  if (pod === undefined) throw new Error(`There is no pod of ${component}`);
  return pod;
}
