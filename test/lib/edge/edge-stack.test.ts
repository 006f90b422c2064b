import { edgeFixture } from './edge-fixture';

const named = edgeFixture({ domain: true });
const resources = named.templates.Edge?.Resources ?? {};

test('the name leads to the CDN, by the record that led to the address', () => {
  // The logical id of phase 1: the record is changed in place.
  expect(resources.Record83264F3E?.Properties).toMatchObject({ Type: 'A', Name: 'shop.example.com.' });
  const records = named.all('AWS::Route53::RecordSet');
  expect(records.map(({ Type }) => Type)).toEqual(['A', 'AAAA']);
  for (const { AliasTarget, TTL } of records) {
    expect(JSON.stringify(AliasTarget)).toContain('CdnDistribution');
    expect(TTL).toBeUndefined();
  }
});

test('the box keeps its certificate, for who still has its address', () => {
  const certificates = named.all('AWS::CertificateManager::Certificate');
  expect(certificates.map(({ CertificateExport }) => CertificateExport)).toEqual([undefined, 'ENABLED']);
});

test('a box that is gone has no certificate, and its function may not bring one', () => {
  const retired = edgeFixture({ domain: true, box: 'retired' });
  expect(
    retired.all('AWS::CertificateManager::Certificate').map(({ CertificateExport }) => CertificateExport),
  ).toEqual([undefined]);
  expect(JSON.stringify(retired.all('AWS::IAM::Policy'))).not.toContain('acm:');
  expect(retired.all('AWS::Events::Rule')).toEqual([]);
  // The alarm of the phase before imports its name.
  expect(JSON.stringify(retired.templates.Edge?.Outputs)).toContain('ExportedFunction');
});

test('what CloudFront wants there is made in us-east-1, and reaches a shop elsewhere', () => {
  const text = JSON.stringify(named.all('AWS::CloudFront::Distribution'));
  expect(text).toMatch(/"WebACLId":\{"Fn::GetAtt":\["ExportsReader/);
  expect(text).toMatch(/"AcmCertificateArn":\{"Fn::GetAtt":\["ExportsReader/);
  expect(named.all('Custom::CrossRegionExportWriter')).toHaveLength(1);
});

test('a deploy says where the shop is', () => {
  const url = (edge: typeof named) => JSON.stringify(edge.templates.Edge?.Outputs?.Url);
  expect(url(named)).toBe('{"Value":"https://shop.example.com/"}');
  expect(url(edgeFixture({ domain: false }))).toContain('DomainName');
});
