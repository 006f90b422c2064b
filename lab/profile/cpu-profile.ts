import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A CPU profile of V8, in the format of the inspector. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      /** From 0. */
      readonly lineNumber: number;
      readonly columnNumber: number;
    };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

type CallFrame = CpuProfile['nodes'][number]['callFrame'];

/** The profile with the frames of compiled programs (`local/compiled.ts`) at their places in the sources. */
export function inSources(profile: CpuProfile): CpuProfile {
  const maps = new Map<string, SourceMap | undefined>();
  const mapOf = (url: string) => {
    if (!maps.has(url)) maps.set(url, openMap(url));
    return maps.get(url);
  };
  return {
    ...profile,
    nodes: profile.nodes.map((node) => ({ ...node, callFrame: inSource(node.callFrame, mapOf) })),
  };
}

/** Packages have maps too, of sources that are not there. */
function openMap(url: string): SourceMap | undefined {
  if (!url.includes('/node_modules/.cache/')) return undefined;
  const file = `${fileURLToPath(url)}.map`;
  return existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

function inSource(frame: CallFrame, mapOf: (url: string) => SourceMap | undefined): CallFrame {
  const map = mapOf(frame.url);
  const entry = map?.findEntry(frame.lineNumber, frame.columnNumber);
  if (!map || !entry || !('originalSource' in entry)) return frame;
  const { originalSource, originalLine, originalColumn } = entry;
  const url = new URL(originalSource, map.payload.sourceRoot).href;
  return { ...frame, url, lineNumber: originalLine, columnNumber: originalColumn };
}
