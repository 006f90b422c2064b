import type { CloudAssembly, CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import type { Resource, Template, Templates } from './cloudformation';

/** A synthesized phase, as the review tools compare it. */
export interface Synthesis {
  readonly templates: Templates;
  /** Names of the stacks with termination protection. */
  readonly protectedStacks: readonly string[];
  /** By stack, the names of the stacks that are deployed before it. Templates do not show them. */
  readonly deployedAfter: Readonly<Record<string, readonly string[]>>;
}

export function synthesisOf(assembly: CloudAssembly): Synthesis {
  return {
    templates: Object.fromEntries(
      assembly.stacks.map((stack) => [stack.stackName, templateWithPaths(stack)]),
    ),
    protectedStacks: assembly.stacks.filter((stack) => stack.terminationProtection).map((s) => s.stackName),
    deployedAfter: Object.fromEntries(
      assembly.stacks.map((stack) => [stack.stackName, [...namesBefore(assembly, stack)]]),
    ),
  };
}

/** Those that a stack depends on, and that these depend on. */
function namesBefore(assembly: CloudAssembly, stack: CloudFormationStackArtifact, names = new Set<string>()) {
  const ids = stack.dependencies.map(({ id }) => id);
  for (const before of assembly.stacks.filter(
    ({ id, stackName }) => ids.includes(id) && !names.has(stackName),
  ))
    namesBefore(assembly, before, names.add(before.stackName));
  return names;
}

/** Adds construct paths, which only the CLI enables in templates; without it, only the assembly's manifest has them. */
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
