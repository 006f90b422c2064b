import type { Config } from '../../lib/config';
import type { Row } from '../report/row';
import { alarmRows, dataRows } from './care';
import type { Facts } from './facts';
import { certificateRow, visitRows } from './front-rows';
import type { Account } from './purchase';
import { runningRows } from './running';

/** The conditions that must hold after `cdk deploy -c phase=N`, and each day after that. */
export async function doctorRows(
  config: Config,
  facts: Facts,
  account: Account | undefined,
  now: Date,
): Promise<Row[]> {
  return [
    ...runningRows(config, facts, now),
    certificateRow(config, facts, now),
    ...(await visitRows(facts, account)),
    ...dataRows(config, facts, now),
    ...alarmRows(facts),
  ];
}
