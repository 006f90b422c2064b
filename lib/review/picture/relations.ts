import type { Templates } from '../cloudformation';
import { declaredIn } from '../declared';
import type { Flow, Part } from './model';
import { browsers, claims } from './parts';
import { inside, partsWith, resourcesOf } from './resources';

/** What leads to, guards or belongs to what, without a connection of its own. */
export function relations(templates: Templates, parts: readonly Part[]): Flow[] {
  return [...names(templates, parts), ...guards(templates, parts), ...claimed(templates, parts)];
}

function names(templates: Templates, parts: readonly Part[]): Flow[] {
  return resourcesOf('AWS::Route53::RecordSet', templates).flatMap((record) => {
    const { ResourceRecords = [], AliasTarget = [] } = record.resource.Properties ?? {};
    const targets = declaredIn([ResourceRecords, AliasTarget], record.stack, templates);
    return partsWith(record, parts).flatMap((own) => [
      relation(browsers, own, 'name'),
      ...targets.flatMap((one) => partsWith(one, parts)).map((target) => relation(own, target, 'leads to')),
    ]);
  });
}

function guards(templates: Templates, parts: readonly Part[]): Flow[] {
  const walls = resourcesOf('AWS::WAFv2::WebACL', templates).flatMap((one) => partsWith(one, parts));
  return resourcesOf('AWS::CloudFront::Distribution', templates)
    .filter(({ resource }) => inside(resource.Properties?.DistributionConfig, 'WebACLId') !== undefined)
    .flatMap((cdn) => partsWith(cdn, parts))
    .flatMap((cdn) => walls.map((wall) => relation(wall, cdn, 'checks')));
}

/** People come in by an address; a disk is written to. */
function claimed(templates: Templates, parts: readonly Part[]): Flow[] {
  return claims(templates).flatMap(({ by, claimed: thing }) =>
    partsWith(by, parts).flatMap((host) =>
      partsWith(thing, parts).map((held) =>
        thing.resource.Type === 'AWS::EC2::EIP' ? relation(held, host, '') : relation(host, held, ''),
      ),
    ),
  );
}

function relation(from: Part, to: Part, label: string): Flow {
  return { from: from.key, to: to.key, label, kind: 'relation' };
}
