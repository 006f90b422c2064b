import { RemovalPolicy } from 'aws-cdk-lib';
import { FlowLogDestination, FlowLogTrafficType, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/**
 * Only what was refused: outbound is closed, so a refused packet from the box is the sign that something on it tries
 * to call home. Accepted traffic would cost by the gigabyte and say what nginx's log says already.
 */
export class FlowLog extends Construct {
  constructor(scope: Construct, id: string, vpc: IVpc) {
    super(scope, id);
    const log = new LogGroup(this, 'Refused', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    vpc.addFlowLog('Refused', {
      destination: FlowLogDestination.toCloudWatchLogs(log),
      trafficType: FlowLogTrafficType.REJECT,
    });
  }
}
