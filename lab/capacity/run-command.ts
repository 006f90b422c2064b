import { NativesNotPreparedError } from '../../lib/natives';
import { InputError } from './options';

/** Prints the answer of a command; of a wrong input, its reason and the usage, with exit code 1. */
export async function runCommand(usage: string, answer: () => Promise<string> | string): Promise<void> {
  try {
    const text = await answer();
    if (text !== '') console.log(text);
  } catch (error) {
    process.exitCode = 1;
    // Templates hold functions with native modules.
    if (error instanceof NativesNotPreparedError) return console.error(error.message);
    // parseArgs refuses unknown options with a TypeError that has a code.
    if (!(error instanceof InputError || (error instanceof TypeError && 'code' in error))) throw error;
    console.error(`${error.message}\n\n${usage}`);
  }
}
