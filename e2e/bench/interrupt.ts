const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => controller.abort());
}

/** Aborts when somebody wants the benchmark to end: what is under way fails, then all is stopped. */
export const interrupted: AbortSignal = controller.signal;
