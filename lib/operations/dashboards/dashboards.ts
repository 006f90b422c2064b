import { Dashboard, type IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { WatchedBalancer } from '../../compute/tiers';
import { capitalized } from '../../phases';
import { inRows } from './graph';
import { hosts } from './hosts';
import { type ServiceOptions, service } from './service';
import { type ShoppersOptions, shoppers } from './shoppers';
import { type StoresOptions, stores } from './stores';

export interface DashboardsProps
  extends Pick<ShoppersOptions, 'objectives' | 'alarmArns' | 'distributionId' | 'namespace'>,
    Pick<StoresOptions, 'cache' | 'database' | 'usersDatabase'> {
  readonly balancers: readonly WatchedBalancer[];
  /** The services with processes of their own. */
  readonly services: readonly Pick<ServiceOptions, 'service' | 'functions' | 'objective' | 'alarmArns'>[];
}

/** Three dashboards of at most 50 metrics each, which are free, and one for each service. */
export class Dashboards extends Construct {
  constructor(scope: Construct, id: string, props: DashboardsProps) {
    super(scope, id);
    const { balancers, namespace } = props;
    const [webBalancer] = balancers.filter((balancer) => balancer.id === 'Web');
    if (!webBalancer) throw new Error('Dashboards need a balancer of web servers: this phase has none');
    const appGroups = balancers
      .filter((balancer) => balancer.id === 'App')
      .flatMap((balancer) => balancer.groups);
    const appRoles = appGroups.map(({ name }) => name);
    this.create('Shoppers', shoppers(this, { ...props, webBalancer, appRoles }));
    this.create('Hosts', hosts(balancers, namespace));
    this.create('Stores', stores(props));
    for (const each of props.services) {
      const { name } = each.service;
      const groups = appGroups.filter((group) => group.service === name);
      this.create(capitalized(name), service(this, { ...each, groups, namespace }));
    }
  }

  private create(id: string, [introduction, ...widgets]: readonly IWidget[]): void {
    new Dashboard(this, id, { widgets: [introduction ? [introduction] : [], ...inRows(widgets)] });
  }
}
