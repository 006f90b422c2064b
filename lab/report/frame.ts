import { escaped } from '../profile/flame-graph';
import { STYLE } from './style';

/** A page of the lab as one file. */
export const frame = (title: string, content: string): string => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><style>${STYLE}</style>
<main><h1>The lab</h1>
${content}
</main></html>
`;
