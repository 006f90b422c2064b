import { ConfigError } from '../lib/config';
import { type CommandOptions, readOptions } from './options';
import { EXIT, exitCode, type Row } from './report/row';
import { summary, table } from './report/table';

/** Runs one of the commands that look: `look` makes the rows, the rest is the same for all. */
export async function runLookingCommand(
  usage: string,
  look: (options: CommandOptions) => Promise<readonly Row[]>,
): Promise<void> {
  try {
    const options = await readOptions(process.argv.slice(2));
    if (options.help) return void console.log(usage);
    const rows = await look(options);
    process.stdout.write(options.json ? asJson(options, rows) : asText(options, rows));
    process.exitCode = exitCode(rows);
  } catch (error) {
    if (!(error instanceof ConfigError) && !isBadUsage(error)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    process.exitCode = EXIT.usage;
  }
}

function isBadUsage(error: unknown): error is Error {
  return error instanceof Error && String((error as { code?: string }).code).startsWith('ERR_PARSE_ARGS');
}

function asText({ config }: CommandOptions, rows: readonly Row[]): string {
  const colored = process.stdout.isTTY === true && !process.env.NO_COLOR;
  const title = `${config.name}, phase ${config.phase.number} (${config.phase.title}), ${config.region}`;
  return `${title}\n\n${table(rows, colored)}\n${summary(rows)}`;
}

function asJson({ config }: CommandOptions, rows: readonly Row[]): string {
  const { name, region, phase } = config;
  return `${JSON.stringify({ shop: name, region, phase: phase.number, exitCode: exitCode(rows), rows }, null, 2)}\n`;
}
