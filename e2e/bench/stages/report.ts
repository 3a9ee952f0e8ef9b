import { median } from '../percentiles.ts';
import { aligned } from '../report.ts';

/** One round of one stage. */
export interface StageRound {
  readonly stage: string;
  readonly messages: number;
  readonly seconds: number;
  /** Microseconds of CPU per message, of the process of the stage. */
  readonly cpu: number;
}

/** Medians of each stage. The first round of each is left out: its code is not compiled yet. */
export function stageTable(rounds: readonly StageRound[]): string {
  const byStage = Map.groupBy(rounds, ({ stage }) => stage);
  const lines = [...byStage].map(([stage, all]) => {
    const counted = all.slice(1);
    return [
      stage,
      median(counted.map(({ messages, seconds }) => messages / seconds)).toFixed(0),
      median(counted.map(({ cpu }) => cpu)).toFixed(1),
    ];
  });
  return aligned([['', 'msg/s', 'CPU µs/msg'], ...lines]);
}
