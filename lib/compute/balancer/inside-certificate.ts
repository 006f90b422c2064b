import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { Certificate, type ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ShopFunction } from '../../shop-function';
import { suppressNag } from '../../suppress-nag';

/** The certificate of the app balancer, which the hosts pin (decision 0092). */
export class InsideCertificate extends Construct {
  readonly certificate: ICertificate;
  /** PEM; public. */
  readonly pem: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const make = new ShopFunction(this, 'Function', {
      handler: 'insideCertificate',
      timeout: Duration.minutes(10),
    });
    const { partition, region, account } = Stack.of(this);
    const resources = [`arn:${partition}:acm:${region}:${account}:certificate/*`];
    const allow = (actions: string[], key: string) =>
      make.addToRolePolicy(
        new PolicyStatement({ actions, resources, conditions: { StringEquals: { [key]: 'inside' } } }),
      );
    allow(['acm:ImportCertificate', 'acm:AddTagsToCertificate'], 'aws:RequestTag/shop:certificate');
    allow(['acm:GetCertificate', 'acm:DeleteCertificate'], 'aws:ResourceTag/shop:certificate');
    suppressNag(
      this,
      `AwsSolutions-IAM5[Resource::arn:aws:acm:${region}:<AWS::AccountId>:certificate/*]`,
      'The ARN of a certificate is unknown before it is created; narrowed by the tag that this function sets.',
    );
    const made = new CustomResource(this, 'Made', {
      resourceType: 'Custom::InsideCertificate',
      serviceToken: make.functionArn,
      serviceTimeout: Duration.minutes(11),
    });
    this.certificate = Certificate.fromCertificateArn(this, 'Certificate', made.getAttString('Arn'));
    this.pem = made.getAttString('Certificate');
  }
}
