/** One thing that must be so, and why it is not, where it is not. */
export interface Check {
  /** Says it in a sentence; absent where it can only fail. */
  readonly holds?: string;
  readonly reasons: readonly string[];
}
