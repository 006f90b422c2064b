import type { Config } from '../../lib/config';
import { stackName } from '../../lib/names';
import type { AuroraPlacement } from '../../lib/phases';
import type { FoundCall } from '../aws/alarms';
import { fromSeen, judged, type Row, skipped, toLookAt } from '../report/row';
import { day, daysSince } from './days';
import type { Facts } from './facts';

const BACKUP_DAYS = 7;
const SNAPSHOT_HOURS = 36;
const RESTORABLE_HOURS = 1;
/** A quarter, and CloudTrail's event history reaches no further. */
const DRILL_DAYS = 90;

/** The data and its backups. */
export function dataRows({ phase, name }: Config, facts: Facts, now: Date): Row[] {
  const { database } = phase;
  return [
    ...(database.placement === 'aurora'
      ? databaseRows(database, stackName(name, 'Data'), facts, now)
      : [skipped('database', 'on the box in this phase')]),
    phase.box === 'serves' ? snapshotRow(facts, now) : skipped('snapshot of volume', 'no box in this phase'),
    database.placement === 'aurora' ? drillRow(facts, now) : skipped('restore drill', 'from phase 2 on'),
  ];
}

function databaseRows(wanted: AuroraPlacement, stack: string, { databases }: Facts, now: Date): Row[] {
  const instances = 1 + (wanted.standby ? 1 : 0) + wanted.readers;
  const needed = `available, ${instances} instance${instances > 1 ? 's' : ''}`;
  const seen = 'fact' in databases ? { fact: databases.fact[0] } : databases;
  return [
    fromSeen('database', needed, seen, (found) => {
      if (!found)
        return judged('database', `none of ${stack}`, needed, ['docs/runbook.md, "The database is missing"']);
      const words = `${found.status}, ${found.instances}${found.hasWriter ? '' : ', no writer'}`;
      const isWell = found.status === 'available' && found.instances === instances && found.hasWriter;
      return judged('database', words, needed, isWell ? [] : ['docs/runbook.md, "The database is missing"']);
    }),
    fromSeen('backups of rows', `${BACKUP_DAYS} days, up to an hour ago`, seen, (found) => {
      const until = found?.restorableUntil;
      const isWell =
        found && found.backupDays >= BACKUP_DAYS && until && daysSince(until, now) * 24 <= RESTORABLE_HOURS;
      const words = until ? `${found.backupDays} days, until ${until.toISOString().slice(0, 16)}Z` : 'none';
      const look = `aws rds describe-db-clusters --db-cluster-identifier ${found?.id}`;
      return judged('backups of rows', words, `${BACKUP_DAYS} days, up to an hour ago`, isWell ? [] : [look]);
    }),
  ];
}

function snapshotRow({ snapshot }: Facts, now: Date): Row {
  const needed = `younger than ${SNAPSHOT_HOURS} hours`;
  return fromSeen('snapshot of volume', needed, snapshot, (newest) => {
    const isYoung = newest !== undefined && daysSince(newest, now) * 24 < SNAPSHOT_HOURS;
    const look = 'aws dlm get-lifecycle-policies --state ERROR';
    return judged('snapshot of volume', newest ? day(newest) : 'none', needed, isYoung ? [] : [look]);
  });
}

function drillRow({ restore }: Facts, now: Date): Row {
  const needed = `within ${DRILL_DAYS} days`;
  return fromSeen('restore drill', needed, restore, (newest) => {
    const isYoung = newest !== undefined && daysSince(newest, now) <= DRILL_DAYS;
    const found = newest ? day(newest) : `none in ${DRILL_DAYS} days`;
    return judged('restore drill', found, needed, isYoung ? [] : ['docs/deploy.md, "A restore drill"']);
  });
}

/** The alarms, and the way from them to a person. */
export function alarmRows(facts: Facts): Row[] {
  const needed = 'none on, each calls somebody';
  return [
    fromSeen('alarms', needed, facts.alarms, ({ names, on, silent }) => {
      const words = [`${names.length} alarms`, ...list('on', on), ...list('silent', silent)].join(', ');
      const isWell = names.length > 0 && on.length === 0 && silent.length === 0;
      return judged('alarms', words, needed, isWell ? [] : ['docs/runbook.md has a section for each alarm']);
    }),
    fromSeen('address of alarms', 'one that is confirmed', facts.subscribers, ({ confirmed, pending }) => {
      const words = [`${confirmed} confirmed`, ...list('waiting', pending)].join(', ');
      const mend = pending[0]
        ? "the link in AWS's message to that address"
        : 'npx cdk deploy --all -c alarmEmail=you@example.com';
      return judged('address of alarms', words, 'one that is confirmed', confirmed > 0 ? [] : [mend]);
    }),
    fromSeen('an alarm arrived', 'the newest did', facts.call, callRow),
  ];
}

const DRILL = ['docs/deploy.md, "Prove that alarms arrive"'];

/** Doctor changes nothing, so it sets no alarm off: it reads how the last one went. */
function callRow(call: FoundCall | undefined): Row {
  const subject = 'an alarm arrived';
  if (!call) return toLookAt(subject, 'none in 30 days', 'the newest did', DRILL);
  const found = `${day(call.at)}, ${call.alarm}${call.arrived ? '' : `: ${call.summary}`}`;
  return judged(subject, found, 'the newest did', call.arrived ? [] : DRILL);
}

const list = (word: string, names: readonly string[]) =>
  names.length > 0 ? [`${word}: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`] : [];
