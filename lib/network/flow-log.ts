import { RemovalPolicy } from 'aws-cdk-lib';
import { FlowLogDestination, FlowLogTrafficType, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/**
 * Logs rejected traffic only: outbound is closed, so a rejected packet from the box is a sign of malware calling home.
 * Accepted traffic costs per gigabyte and repeats nginx's log.
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
