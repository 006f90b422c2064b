import { z } from 'zod';
import type { Contract } from './contract';

/** The calls of the user service to the inventory service. */
export const inventoryContract = {
  service: 'inventory',
  methods: {
    /** Releases the user's reservations, and removes the user's id from all rows. */
    forgetUser: {
      access: 'write',
      idempotent: true,
      deadlineMs: 5000,
      input: z.object({ userId: z.string().max(36) }),
      output: z.object({}),
    },
    /** The keys that sign the cookie `wrote`, newest first. */
    signingKeys: {
      access: 'read',
      idempotent: true,
      deadlineMs: 1000,
      input: z.object({}),
      output: z.object({ keys: z.array(z.object({ secret: z.string(), madeAt: z.number() })) }),
    },
  },
} as const satisfies Contract;
