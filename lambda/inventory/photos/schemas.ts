import { z } from '@hono/zod-openapi';
import { ProductId, renditions } from '../schemas';
import { MAX_PHOTO_BYTES, PHOTO_TYPES, sizeProblem } from './limits';

const id = z.uuid().openapi({ example: '0193a5b0-7c1e-7d3a-9b1f-3f2c8f6f0b22' });
const status = z.enum(['waiting', 'processing', 'ready', 'refused']).openapi({ example: 'ready' });

/** The bytes decide; a size that is declared is refused before they are sent. */
const side = z.int().min(1).optional().openapi({ example: 4032, description: 'In pixels' });

export const ByPhoto = z.object({
  id: ProductId,
  photoId: id.openapi({ param: { name: 'photoId', in: 'path' } }),
});

export const NewPhoto = z
  .strictObject({
    bytes: z.int().min(1).max(MAX_PHOTO_BYTES).openapi({ example: 2_345_678 }),
    type: z.enum(PHOTO_TYPES).openapi({ example: 'image/jpeg' }),
    sha256: z
      .string()
      .regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, 'Must be the SHA-256 of the file in base64')
      .openapi({ example: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' }),
    width: side,
    height: side,
  })
  .superRefine(({ width, height }, context) => {
    const message = width && height && sizeProblem(width, height);
    if (message) context.addIssue({ code: 'custom', path: ['width'], message });
  })
  .openapi('NewPhoto');

export const PhotoUpload = z
  .object({
    id,
    status,
    upload: z
      .object({
        method: z.literal('PUT'),
        url: z.string().openapi({
          description: 'An absolute URL, or a path on this site',
          example:
            '/blobs/uploads/0193a5b0-7c1e-7d3a-9b1f-3f2c8f6f0b22?expires=1772366400000&signature=5f0c…',
        }),
        headers: z.record(z.string(), z.string()).openapi({
          example: {
            'Content-Type': 'image/jpeg',
            'x-amz-checksum-sha256': '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
          },
        }),
      })
      .openapi({ description: 'The request that uploads the declared file, once, before it expires' }),
    expiresAt: z.iso.datetime().openapi({ example: '2026-03-01T12:15:00.000Z' }),
  })
  .openapi('PhotoUpload');

export const Photo = z
  .object({
    id,
    status,
    reason: z.string().nullable().openapi({ description: 'The reason for a refusal', example: null }),
    main: z.boolean().openapi({ description: 'The picture of the product', example: true }),
    renditions: renditions.openapi({
      description: 'WebP files, smallest first; empty until the photo is ready',
    }),
  })
  .openapi('Photo');

export const PhotoList = z.object({ items: z.array(Photo) }).openapi('PhotoList');
