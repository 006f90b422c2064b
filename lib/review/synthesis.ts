import type { CloudAssembly, CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import type { Resource, Template, Templates } from './cloudformation';

/** One phase, synthesized: what the review tools compare. */
export interface Synthesis {
  readonly templates: Templates;
  /** Names of the stacks that refuse to be deleted. */
  readonly protectedStacks: readonly string[];
}

export function synthesisOf(assembly: CloudAssembly): Synthesis {
  return {
    templates: Object.fromEntries(
      assembly.stacks.map((stack) => [stack.stackName, templateWithPaths(stack)]),
    ),
    protectedStacks: assembly.stacks.filter((stack) => stack.terminationProtection).map((s) => s.stackName),
  };
}

/** The CLI has the CDK write construct paths into templates; without it, they are in the assembly's manifest alone. */
function templateWithPaths(stack: CloudFormationStackArtifact): Template {
  const template: Template = stack.template;
  const paths = new Map(
    stack.findMetadataByType('aws:cdk:logicalId').map(({ path, data }) => [data, path.replace(/^\//, '')]),
  );
  const placed = Object.entries(template.Resources ?? {}).map(([logicalId, resource]): [string, Resource] => {
    const path = paths.get(logicalId);
    return [
      logicalId,
      path ? { ...resource, Metadata: { ...resource.Metadata, 'aws:cdk:path': path } } : resource,
    ];
  });
  return { ...template, Resources: Object.fromEntries(placed) };
}
