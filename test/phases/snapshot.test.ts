import { openPorts } from '../../review/ports';
import { readableTemplates } from '../../review/template';
import { synthesized } from './synthesized';

test('phase 1 is what was reviewed, property by property', () => {
  expect(readableTemplates(synthesized(1).templates)).toMatchSnapshot();
});

test('the open ports of phase 1 are what was reviewed', () => {
  expect(openPorts(synthesized(1).templates)).toMatchSnapshot();
});

test('the open ports of phase 2 are what was reviewed', () => {
  expect(openPorts(synthesized(2).templates)).toMatchSnapshot();
});

test('the open ports of phase 3 are what was reviewed', () => {
  expect(openPorts(synthesized(3).templates)).toMatchSnapshot();
});

test('the open ports of phase 4 are what was reviewed', () => {
  expect(openPorts(synthesized(4).templates)).toMatchSnapshot();
});

test('the open ports of phase 6 are what was reviewed', () => {
  expect(openPorts(synthesized(6).templates)).toMatchSnapshot();
});

test('with a domain, the CDN reaches the web balancer with TLS alone', () => {
  const [port] = openPorts(synthesized(3, 'everything').templates).match(/^CloudFront .*$/m) ?? [];
  expect(port).toMatch(/Firewall\/webBalancer +443 +in /);
});

test('given addresses open port 22 to themselves instead of the Instance Connect endpoint', () => {
  expect(openPorts(synthesized(1, 'everything').templates)).toMatchSnapshot();
});
