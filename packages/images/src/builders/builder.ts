/** One image to build. */
export interface ImageOrder {
  /** `mysmtp/SERVICE:TAG`. */
  readonly name: string;
  readonly containerfile: string;
  readonly context: string;
  /** The Containerfile's arguments. */
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** The time of the image, in seconds. */
  readonly epoch: number;
  /** The archive. Must not exist yet. */
  readonly file: string;
}

/** Builds images from a Containerfile. */
export interface Builder {
  readonly name: string;
  /** Builds an image and writes it as a docker archive. */
  build(order: ImageOrder, signal: AbortSignal): Promise<void>;
}

/** `--build-arg` and `--label`, which all builders support. */
export function commonArguments({ args, labels }: ImageOrder): string[] {
  return [
    ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
  ];
}
