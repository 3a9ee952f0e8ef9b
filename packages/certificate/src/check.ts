/** One condition, and if it does not hold the reason. */
export interface Check {
  /** The condition as a sentence; absent if it can only fail. */
  readonly holds?: string;
  readonly reasons: readonly string[];
}
